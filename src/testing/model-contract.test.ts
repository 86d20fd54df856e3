import { afterAll, beforeAll, describe, it } from "vitest";
import { createChatCompletion } from "../models/backends/chatcompletion/create-chat-completion.ts";
import { startFakeOpenAI, type FakeServer } from "./fake-openai-server.ts";
import { type FakeGemini, startFakeGemini } from "./fake-gemini-server.ts";
import { type FakeMessages, startFakeMessages } from "./fake-messages-server.ts";
import { cloudAt } from "../../test/wire/cloud.ts";
import { describeLanguageModel } from "./model-contract.ts";
import { scriptedModel } from "./scripted-model.ts";

const say = (text: string): string => (text.includes("thousand") ? "one two three ".repeat(200) : "Hello there.");

describeLanguageModel({ describe, it }, "a scripted model", {
  makeModel: () =>
    scriptedModel("one", ({ prompt, responseFormat }) => {
      if (responseFormat?.type === "json") return '{"choice":"otter"}';
      const text = say(JSON.stringify(prompt));
      return { text, chunks: 20 };
    }).model,
  schema: true,
  usage: true,
});

describe("over the wire", () => {
  let server: FakeServer;
  beforeAll(async () => {
    server = await startFakeOpenAI({
      reply: ({ body }) => {
        if (body.response_format !== undefined) return { text: '{"choice":"heron"}' };
        return { text: say(JSON.stringify(body.messages)), betweenTokensMs: 1 };
      },
    });
  });
  afterAll(() => server.close());
  describeLanguageModel({ describe, it }, "chatcompletion", {
    makeModel: () => createChatCompletion({ model: "fake", baseUrl: server.baseUrl }).languageModel,
    schema: true,
    usage: true,
  });
});

describe("over the wire of Claude", () => {
  let server: FakeMessages;
  beforeAll(async () => {
    server = await startFakeMessages({
      reply: ({ body }) => {
        if (body["output_config"] !== undefined) return { text: '{"choice":"heron"}' };
        return { text: say(JSON.stringify(body.messages)), betweenTokensMs: 1 };
      },
    });
  });
  afterAll(() => server.close());
  for (const search of [false, true]) {
    describeLanguageModel({ describe, it }, search ? "claude that searches" : "claude", {
      makeModel: async () => (await cloudAt("claude", server.origin, { search })).languageModel,
      schema: true,
      usage: true,
    });
  }
});

describe("over the wire of Gemini", () => {
  let server: FakeGemini;
  beforeAll(async () => {
    server = await startFakeGemini({
      reply: ({ body }) => {
        if (body.generationConfig?.["responseJsonSchema"] !== undefined) return { text: '{"choice":"heron"}' };
        return { text: say(JSON.stringify(body.contents)), betweenTokensMs: 1 };
      },
    });
  });
  afterAll(() => server.close());
  describeLanguageModel({ describe, it }, "gemini", {
    makeModel: async () => (await cloudAt("gemini", server.origin)).languageModel,
    schema: true,
    usage: true,
  });
});
