import { describe, expect, it } from "vitest";
import { createCouncil, createEngine, defineTool, seatModel, type ServedKind } from "../../src/library/index.ts";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import type { FakeEngineRequest } from "../../src/testing/fake-engines/fake-engine.ts";
import { ofType } from "../behaviours/council.ts";
import { fakeEngines } from "../engines/fake-engines.ts";

const kinds = ["lmstudio", "llamacpp", "ollama", "vllm", "sglang"] as const satisfies readonly ServedKind[];
const look = defineTool({
  name: "look_up",
  readOnly: true,
  inputSchema: { type: "object" },
  execute: ({ word }) => `${String(word)}: scattering`,
});

const resultsIn = ({ body }: FakeEngineRequest): readonly unknown[] =>
  body.messages.filter(({ role }) => role === "tool").map(({ content }) => content);

/** Looks up two words at once, then one, then answers. */
function reply(request: FakeEngineRequest): FakeReply {
  const call = (word: string) => ({ name: "look_up", arguments: { word } });
  const results = resultsIn(request);
  if (request.body.tools === undefined) return { text: "Without tools: scattering." };
  if (results.length === 0) return { text: "Let me see.", toolCalls: [call("blue"), call("sky")] };
  return results.length === 2 ? { toolCalls: [call("light")] } : { text: `Found: ${results.map(String).join(", ")}.` };
}

async function ask(kind: ServedKind, options: Parameters<(typeof fakeEngines)[ServedKind]>[0], toolCallsPerAnswer = 25) {
  const fake = await fakeEngines[kind]({ reply, ...options });
  const engine = await createEngine(kind, { baseUrl: fake.origin });
  const signal = new AbortController().signal;
  const [found] = await engine.models(signal);
  const model = await seatModel(engine, found ?? { id: "any" }, {}, signal);
  const council = createCouncil({ seats: [{ id: "one", model, tools: [look] }], settings: { bounds: { toolCallsPerAnswer } } });
  const run = council.ask("Why is the sky blue?", { runId: `${kind}-${toolCallsPerAnswer}` });
  const { answer } = await run.result;
  const events = council.events(run.runId);
  await council.close();
  await fake.close();
  return { answer, events, model, requests: fake.requests };
}

describe.each(kinds)("tools on %s", (kind) => {
  const models = [{ id: "qwen3-8b", tools: true, loaded: true }];

  it("are called, side by side and one after the other, and answered by id", async () => {
    const { answer, events, requests } = await ask(kind, { models });
    expect(ofType(events, "tool-settled").map(({ outcome }) => outcome.type)).toEqual(["result", "result", "result"]);
    expect(answer).toBe("Found: blue: scattering, sky: scattering, light: scattering.");
    expect(requests.at(-1)?.body.messages.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "tool",
      "assistant",
      "tool",
    ]);
  });

  it("used up, the rest of the conversation goes on without them", async () => {
    const { answer } = await ask(kind, { models }, 2);
    expect(answer).toBe("Without tools: scattering.");
  });
});

it("a model of Ollama that knows no tools is told apart before it is asked", async () => {
  const { model, answer, events } = await ask("ollama", { models: [{ id: "gemma2:2b", tools: false }] });
  expect(model.callsTools).toBe(false);
  expect(ofType(events, "notice")).toMatchObject([{ about: "tools", text: expect.stringContaining("does not support tools") }]);
  expect(answer).toBe("Without tools: scattering.");
});
