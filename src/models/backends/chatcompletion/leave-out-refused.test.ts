import { afterEach, expect, test } from "vitest";
import { answered } from "../../../../test/answered.ts";
import { type FakeServer, type FakeServerOptions, startFakeOpenAI } from "../../../testing/fake-openai-server.ts";
import { createChatCompletion } from "./create-chat-completion.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A model on a server that refuses some fields as OpenAI does. */
async function refusing(
  fields: readonly string[],
  refuse = (field: string) => `Unsupported parameter: '${field}' is not supported with this model.`,
) {
  const reply: FakeServerOptions["reply"] = ({ body }) => {
    const field = fields.find((name) => name in body);
    return field === undefined ? { text: "Fine." } : { status: 400, body: { error: { message: refuse(field), param: field } } };
  };
  const server = await startFakeOpenAI({ reply });
  servers.push(server);
  return { server, model: createChatCompletion({ baseUrl: server.baseUrl, model: "m", sampling: { temperature: 0.4, seed: 7 } }) };
}

test("a refused field is left out from then on, and the newer name of max_tokens is used", async () => {
  const { server, model } = await refusing(["max_tokens", "temperature", "stream_options"]);
  expect(await answered(model, "Hi")).toMatchObject({ type: "replied", text: "Fine." });
  expect(server.requests).toHaveLength(4);
  expect(await answered(model, "Hi")).toMatchObject({ type: "replied" });
  expect(server.requests).toHaveLength(5);
  expect(server.requests[4]?.body).toMatchObject({ max_completion_tokens: 50, seed: 7 });
});

test("a server that refuses either name of the limit is asked without one", async () => {
  const { model } = await refusing(["max_tokens", "max_completion_tokens"]);
  expect(await answered(model, "Hi")).toMatchObject({ type: "replied" });
});

test.each([
  ["a field without which there is no reply", ["messages"], (field: string) => `${field} is not supported`],
  ["a value that is too large", ["max_tokens"], (field: string) => `${field}=50 cannot be greater than max_model_len=16`],
] as const)("%s is a refusal like any other", async (_, fields, refuse) => {
  const { server, model } = await refusing(fields, refuse);
  expect(await answered(model, "Hi")).toMatchObject({ type: "failed", failure: { status: 400, retryable: false } });
  expect(server.requests).toHaveLength(1);
});

/** As Anthropic, Moonshot and Google word it; the catalogue of models leaves out the same. */
test.each([
  ["temperature", () => "`temperature` is deprecated for this model."],
  ["temperature", () => "invalid temperature: only 1 is allowed for this model"],
])("what else means that %s is not taken (%#)", async (field, refuse) => {
  const { server, model } = await refusing([field], refuse);
  expect(await answered(model, "Hi")).toMatchObject({ type: "replied" });
  expect(server.requests[1]?.body).not.toHaveProperty(field);
});

test("of two that do not go together the first stays", async () => {
  const reply: FakeServerOptions["reply"] = ({ body }) =>
    "temperature" in body && "top_p" in body
      ? {
          status: 400,
          body: { error: { message: "`temperature` and `top_p` cannot both be specified for this model. Please use only one." } },
        }
      : { text: "Fine." };
  const server = await startFakeOpenAI({ reply });
  servers.push(server);
  const model = createChatCompletion({ baseUrl: server.baseUrl, model: "m", sampling: { temperature: 0.4, topP: 0.9 } });
  expect(await answered(model, "Hi")).toMatchObject({ type: "replied" });
  expect(server.requests[1]?.body).toMatchObject({ temperature: 0.4 });
  expect(server.requests[1]?.body).not.toHaveProperty("top_p");
});
