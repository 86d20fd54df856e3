import { expect, test } from "vitest";
import { chatRequest } from "./chat-request.ts";

const asked = { model: "m", messages: [{ role: "user", content: "Hello" }], stream: true, stream_options: { include_usage: true } };

test("silent truncation is turned off, and forgetting the question at the end of the context", () => {
  expect(chatRequest(asked, 2048)).toEqual({
    model: "m",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    truncate: false,
    shift: false,
    options: { num_ctx: 2048 },
  });
});

test("sampling and limits are options; zero tokens, which would be no limit, are one", () => {
  const { options } = chatRequest({ ...asked, max_tokens: 0, temperature: 0, top_p: 0.9, top_k: 40, seed: 7, stop: ["END"] }, undefined);
  expect(options).toEqual({ num_predict: 1, temperature: 0, top_p: 0.9, top_k: 40, seed: 7, stop: ["END"] });
});

test("fields of a config go on as they are; its options go before ours", () => {
  const sent = chatRequest({ ...asked, keep_alive: 60, think: false, options: { num_gpu: 20, num_ctx: 512 } }, 2048);
  expect(sent).toMatchObject({ keep_alive: 60, think: false, options: { num_gpu: 20, num_ctx: 512 } });
});

test("a response format becomes a format", () => {
  const schema = { type: "object" };
  expect(chatRequest({ ...asked, response_format: { type: "json_schema", json_schema: { name: "x", schema } } }, 1).format).toEqual(schema);
  expect(chatRequest({ ...asked, response_format: { type: "json_object" } }, 1).format).toBe("json");
  expect(chatRequest({ ...asked, response_format: { type: "text" } }, 1)).not.toHaveProperty("format");
});

test("tool_choice is ignored there: what is not to be called is not offered", () => {
  const tools = ["one", "two"].map((name) => ({ type: "function", function: { name } }));
  expect(chatRequest({ ...asked, tools, tool_choice: "auto" }, 1).tools).toEqual(tools);
  expect(chatRequest({ ...asked, tools, tool_choice: { type: "function", function: { name: "two" } } }, 1).tools).toEqual([tools[1]]);
  const none = chatRequest({ ...asked, tools, tool_choice: "none" }, 1);
  expect(none).not.toHaveProperty("tools");
  expect(none).not.toHaveProperty("tool_choice");
});

test("a history of calls has objects as arguments, results with the tool's name, and its thinking", () => {
  const call = { id: "c1", type: "function", function: { name: "look", arguments: '{"at":"sky"}' } };
  const broken = { id: "c2", type: "function", function: { name: "look", arguments: "{at" } };
  const messages = [
    { role: "assistant", content: null, reasoning_content: "Hm.", tool_calls: [call, broken] },
    { role: "tool", tool_call_id: "c1", content: "blue" },
  ];
  expect(chatRequest({ ...asked, messages }, 1).messages).toEqual([
    {
      role: "assistant",
      content: "",
      thinking: "Hm.",
      tool_calls: [
        { id: "c1", function: { name: "look", arguments: { at: "sky" } } },
        { id: "c2", function: { name: "look", arguments: {} } },
      ],
    },
    { role: "tool", tool_call_id: "c1", tool_name: "look", content: "blue" },
  ]);
});

test("content in parts, which would be refused, is one text with its images beside it", () => {
  const content = [
    { type: "text", text: "What is " },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "text", text: "this?" },
  ];
  expect(chatRequest({ ...asked, messages: [{ role: "user", content }] }, 1).messages).toEqual([
    { role: "user", content: "What is this?", images: ["AAAA"] },
  ]);
});
