import { expect, it } from "vitest";
import type { EngineServer } from "../engine-server.ts";
import { thinkingOffOf, withThought } from "./thinking-off.ts";
import { thinkingOffBy } from "./template-knowledge.ts";

const never = new AbortController().signal;

/** A server whose template ends a prompt with `plain`, and with `behind` what was thought before. */
function serverThatRenders(plain: string, behind?: (thought: string) => string): EngineServer {
  return {
    origin: "http://127.0.0.1:1",
    name: "llama.cpp",
    get: () => Promise.reject(new Error("not asked")),
    async post(_path, body) {
      const { messages } = body as { readonly messages: readonly { readonly content: string; readonly reasoning_content?: string }[] };
      const thought = messages[1]?.reasoning_content;
      const tail = thought === undefined ? plain : (behind?.(thought) ?? plain);
      return { prompt: `<user>${messages[0]?.content}</user>${tail}` };
    },
  };
}

it.each([
  ["{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}", { enable_thinking: false }],
  ["{%- if not thinking_budget is defined %}", { thinking_budget: 0 }],
  ["{{ 'Reasoning: ' + reasoning_effort }}", { reasoning_effort: "low" }],
  ["{{ 'thinking aloud' }} thinking {{ message.thinking }}", {}],
])("what a template reads is what it is told: %s", (template, told) => {
  expect(thinkingOffBy(template)).toEqual(told);
});

it("goes on behind a thought where the template would open one", async () => {
  const { thinkingOff } = await thinkingOffOf(
    serverThatRenders("<ai><think>\n", (thought) => `<ai><think>\n${thought}</think>`),
    "",
    never,
  );
  expect(thinkingOff?.value).toEqual({ continue_final_message: "content", add_generation_prompt: false });
});

it.each([
  ["closes the thought itself", serverThatRenders("<ai><think></think>", (thought) => `<ai><think>${thought}</think>`)],
  ["knows no thoughts", serverThatRenders("<ai>")],
  ["begins anew behind a thought", serverThatRenders("<ai><think>", (thought) => `<ai><think>${thought}</think></ai><ai><think>`)],
])("leaves a template alone that %s", async (_name, server) => {
  expect((await thinkingOffOf(server, "", never)).thinkingOff?.value).toEqual({});
});

it("gives the thought to a request that goes on behind it, and to no other", () => {
  const messages = [{ role: "user", content: "Which one?" }];
  expect(withThought({ messages, continue_final_message: "content" }).messages).toEqual([
    ...messages,
    { role: "assistant", reasoning_content: expect.any(String) as string, content: "" },
  ]);
  expect(withThought({ messages })).toEqual({ messages });
});
