import { expect, test } from "vitest";
import * as massgen from "../../src/library/index.ts";
import { startRecorder } from "../recorder.ts";

/** What a program that imported MassGen 0.0.7 imports now. */
test("every name that is given instead is there", () => {
  for (const name of ["createCouncil", "councilModel", "createBackend", "discover", "seatModel"]) {
    expect(massgen).toHaveProperty(name, expect.any(Function));
  }
});

test.each(["openai", "claude", "gemini", "grok", "zai"] as const)("a backend by its type: %s on a council", async (type) => {
  const recorder = await startRecorder();
  const model = await massgen.createBackend({ type, baseUrl: `${recorder.origin}/v1`, apiKey: "own-key-0123456789" });
  const council = massgen.createCouncil({ seats: [{ model, systemMessage: "You are brief." }] });
  const result = await council.ask("Why?").result;
  expect(result.degraded?.lost[0]?.why).toContain(recorder.origin);
  expect(JSON.stringify(recorder.requests[0]?.body)).toContain("You are brief.");
  expect(JSON.stringify(recorder.requests[0]?.headers)).toContain("own-key-0123456789");
  await council.close();
  await recorder.close();
});

test("a backend's field that cannot be used is named", async () => {
  await expect(massgen.createBackend({ type: "openai", fields: { reasoning: { effort: 5 } } })).rejects.toMatchObject({
    code: "config",
    message: expect.stringContaining("reasoning.effort") as string,
  });
});

test("every sentence to a model can be worded anew", async () => {
  const recorder = await startRecorder();
  const model = await massgen.createBackend({ type: "openai", baseUrl: `${recorder.origin}/v1` });
  const council = massgen.createCouncil({ seats: [{ model }], settings: { prompts: { draftSystem: "Answer in rhyme." } } });
  await council.ask("Why?").result;
  expect(JSON.stringify(recorder.requests[0]?.body)).toContain("Answer in rhyme.");
  await council.close();
  await recorder.close();
});
