import { promptText } from "../fake-openai/prompt-text.ts";
import type { FakeRequestBody } from "../fake-openai-server.ts";

/** All of a chat request that a model has to read, tools first. */
export function promptOf({ messages, tools }: FakeRequestBody): string {
  return `${tools === undefined ? "" : `${JSON.stringify(tools)}\n`}${promptText(messages)}`;
}
