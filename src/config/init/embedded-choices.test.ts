import { expect, test } from "vitest";
import { embeddedChoices } from "./embedded-choices.ts";

const GIB = 2 ** 30;

test("what fits into memory can be fetched, the small one first, with its limits", () => {
  const choices = embeddedChoices("/nowhere", 4 * GIB);
  expect(choices.map(({ backend }) => backend.model)).toEqual(["SmolLM2-135M-Instruct", "SmolLM2-360M-Instruct", "SmolLM2-1.7B-Instruct"]);
  expect(choices[0]).toEqual({
    backend: { type: "embedded", model: "SmolLM2-135M-Instruct", context_length: 4_096, max_tokens: 320 },
    about: "98 MB to fetch; a toy, to see how it works",
  });
  expect(embeddedChoices("/nowhere", GIB / 2).map(({ backend }) => backend.model)).toEqual(["SmolLM2-135M-Instruct"]);
  expect(choices[1]).toEqual({ backend: { type: "embedded", model: "SmolLM2-360M-Instruct" }, about: "386 MB to fetch" });
});
