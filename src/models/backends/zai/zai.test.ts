import { afterEach, describe, expect, test } from "vitest";
import { answered } from "../../../../test/answered.ts";
import type { Prompt } from "../../../core/messages.ts";
import { type FakeServer, type FakeServerOptions, startFakeOpenAI } from "../../../testing/fake-openai-server.ts";
import { describeLanguageModel } from "../../../testing/model-contract.ts";
import { outcomeOf } from "../../trial/outcome-of.ts";
import { systemClock } from "../../clock.ts";
import type { CloudOptions } from "../backend.ts";
import { zai } from "./zai.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function seated(reply: FakeServerOptions["reply"], options: Partial<CloudOptions> = {}) {
  const server = await startFakeOpenAI({ reply, apiKey: "zai-1" });
  servers.push(server);
  const given = { model: "glm-4.5", fields: {}, sampling: {}, search: false, code: false, ...options };
  return { server, model: await zai.create({ ...given, baseUrl: server.baseUrl, apiKey: "zai-1" }) };
}

describeLanguageModel({ describe, it: test }, "zai", {
  usage: true,
  makeModel: async () => (await seated({ text: "Hello there. ".repeat(9), betweenTokensMs: 1 })).model.languageModel,
});

const ballot: Prompt = {
  messages: [{ role: "user", text: "Which?" }],
  maxOutputTokens: 90,
  maxTextTokens: 90,
  ballot: { rung: "tool", choices: ["A", "B"] },
};

test("what a config says is sent, and thinking is shown apart", async () => {
  const { server, model } = await seated(
    { reasoning: "Let me see.", text: "Hi" },
    {
      fields: { thinking: { type: "enabled" } },
      body: { tool_stream: true },
      sampling: { temperature: 0.7, topP: 0.8, topK: 5, maxTokens: 30 },
    },
  );
  expect(await answered(model, "Hello")).toMatchObject({ text: "Hi", reasoning: "Let me see." });
  expect(server.requests[0]?.headers.authorization).toBe("Bearer zai-1");
  expect(server.requests[0]?.body).toMatchObject({
    model: "glm-4.5",
    thinking: { type: "enabled" },
    tool_stream: true,
    temperature: 0.7,
    top_p: 0.8,
    top_k: 5,
    max_tokens: 30,
  });
});

test("a ballot is asked by the one tool, chosen by the model, without thinking", async () => {
  const { server, model } = await seated(
    { toolCalls: [{ name: "ballot", arguments: { reason: "so", choice: "A" } }] },
    { fields: { thinking: { type: "enabled" } } },
  );
  expect(model.rungs).toEqual(["tool", "text"]);
  const outcome = await outcomeOf(model, ballot, systemClock(), new AbortController().signal);
  expect(outcome).toMatchObject({ toolCalls: [{ name: "ballot", input: '{"reason":"so","choice":"A"}' }] });
  expect(server.requests[0]?.body).toMatchObject({
    thinking: { type: "disabled" },
    tool_choice: "auto",
    tools: [{ function: { name: "ballot" } }],
  });
});

test("a model that always thinks is asked without the switch", async () => {
  const refused = { status: 400, body: { error: { code: "1210", message: "thinking.type disabled is not supported" } } };
  const { server, model } = await seated(({ body }) => ("thinking" in body ? refused : { text: "Hi" }), {
    fields: { thinking: { type: "disabled" } },
  });
  expect(await answered(model, "Hello")).toMatchObject({ text: "Hi" });
  expect(server.requests).toHaveLength(2);
});

describe("what goes wrong is one failure each", () => {
  test.each([
    ["a wrong key", { status: 401, body: { error: { code: "401", message: "token expired or incorrect" } } }, "auth", false],
    [
      "credit gone",
      { status: 429, body: { error: { code: "1113", message: "Insufficient balance or no resource package." } } },
      "rate-limited",
      false,
    ],
    [
      "an unknown model",
      { status: 400, body: { error: { code: "1211", message: "Unknown Model, please check the model code." } } },
      "not-found",
      false,
    ],
    [
      "a policy",
      { status: 400, body: { error: { code: "1301", message: "System detected potentially unsafe or sensitive content" } } },
      "content-filter",
      false,
    ],
    ["a filter in the stream", { text: "Half", finish: "sensitive" }, "content-filter", false],
    ["an end that is none", { text: "Half", finish: "network_error" }, "server-error", true],
    ["a cut", { text: "a b c d", cutAfterBytes: 300 }, "connection", true],
    ["no end", { text: "a b", finish: null, withoutDone: true }, "invalid-reply", true],
  ])("%s", async (_name, reply, kind, retryable) => {
    const { model } = await seated(reply);
    expect(await answered(model, "Hello")).toMatchObject({ type: "failed", failure: { kind, retryable } });
  });
});
