import { expect, test } from "vitest";
import { hidden } from "./hidden.ts";

test("secrets are hidden wherever they stand, and all that is named like one; a short one is no part of other words", () => {
  const config = { timeout: "1800s", api_key: "1", args: ["--auth", "1", "--token=long-enough"], headers: { Authorization: "x" } };
  expect(hidden(config, ["1", "long-enough"])).toEqual({
    timeout: "1800s",
    api_key: "(hidden)",
    args: ["--auth", "1", "--token=(hidden)"],
    headers: { Authorization: "(hidden)" },
  });
});
