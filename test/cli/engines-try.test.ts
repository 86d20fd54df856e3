import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { massgen, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
const fake = await startFakeLlamaCpp({ models: ["qwen3-4b"] });
afterAll(async () => {
  await fake.close();
  place.remove();
});

const trying = (model: string, ...flags: readonly string[]) => massgen(["engines", "try", model, ...flags], { home });

test("engines try: says what it will spend, prints a row and keeps it", async () => {
  const { code, stdout, stderr } = await trying("qwen3-4b", "--engine", fake.origin);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\| qwen3-4b \| llamacpp \| run for real \| all 18 \| schema \| 1 \|/mu)]);
  expect(stderr).toMatch(/Trying qwen3-4b on llama\.cpp at http:\/\/127\.0\.0\.1:\d+: it will write at most \d+ tokens there\./u);
  const kept = readFileSync(join(home, "data", "tried-models.jsonl"), "utf8");
  expect(JSON.parse(kept)).toMatchObject({ model: "qwen3-4b", how: "real", refused: [], chosen: { rung: "schema", attempts: 1 } });
});

test("engines try --json: the row as data", async () => {
  const { code, stdout } = await trying("qwen3-4b", "--engine", fake.origin, "--json");
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ model: "qwen3-4b", engine: "llamacpp" })]);
});

test.each([
  ["a model that is not there", ["qwen3-5b", "--engine", fake.origin], /No engine .*has a model "qwen3-5b"\.\s+Did you mean qwen3-4b\?/su],
  ["something that is no engine", ["qwen3-4b", "--engine", "nothing"], /There is no engine "nothing"\.\s+There is lmstudio, /u],
])("engines try: %s", async (_name, [model = "", ...flags], sentence) => {
  const before = fake.requests.length;
  const { code, stdout, stderr } = await trying(model, ...flags);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
  expect(fake.requests.length).toBe(before);
});
