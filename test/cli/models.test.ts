import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { massgen, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
afterAll(() => place.remove());

test("models list: the catalogue with sizes, and what is here", async () => {
  mkdirSync(join(home, "cache", "models"), { recursive: true });
  place.write(join("home", "cache", "models", "My-Own.gguf"), "x".repeat(2_000_000));
  const { code, stdout } = await massgen(["models", "list"], { home });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SmolLM2-135M-Instruct +98 MB +Apache-2\.0 +massgen models pull SmolLM2-135M-Instruct/mu);
  expect(stdout).toMatch(/^My-Own\.gguf +2 MB +here$/mu);
  const json = await massgen(["models", "list", "--json"], { home });
  const models = json.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(models.at(-1)).toEqual({ name: "My-Own.gguf", bytes: 2_000_000, path: join(home, "cache", "models", "My-Own.gguf") });
  expect(models[0]).toMatchObject({ name: "SmolLM2-135M-Instruct", license: "Apache-2.0" });
});

test.each([
  ["an unknown name", "SmolLM9", /There is no model called SmolLM9/u],
  ["a file that is no model", place.write("not-a-model.gguf", "hello"), /not-a-model\.gguf is not a model file in GGUF format/u],
  ["an address of something else", "https://example.com/page.html", /does not end in a GGUF file/u],
])("models pull: %s", async (_name, source, sentence) => {
  const { code, stdout, stderr } = await massgen(["models", "pull", source], { home });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
});

test("a run that is not there", async () => {
  expect(await massgen(["show", "last"], { home })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("There are no runs yet.") as string,
  });
  expect(await massgen(["resume", "2030"], { home })).toMatchObject({ code: 1, stdout: "" });
});
