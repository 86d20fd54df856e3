import { afterAll, beforeAll, describe, it } from "vitest";
import { createChatCompletion } from "../models/backends/chatcompletion/create-chat-completion.ts";
import { startFakeOpenAI, type FakeServer } from "./fake-openai-server.ts";
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
