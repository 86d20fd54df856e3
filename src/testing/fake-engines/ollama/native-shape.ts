import { randomInt } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { contentOf, reasoningField, usageOf, type Said } from "../said.ts";

/** What a native answer is about: the model as it was asked for, and the place of the request. */
export interface Asked {
  readonly model: string;
  readonly index: number;
}

/** Lines of `/api/chat`. Calls come whole, with objects as arguments. */
export function chatLines(said: Said, asked: Asked): readonly Frame[] {
  const line = (message: object): Frame => ({
    token: true,
    data: { ...head(asked), message: { role: "assistant", ...message }, done: false },
  });
  const field = reasoningField(said, "thinking");
  return [
    ...said.thoughts.map((piece) => line({ content: "", [field]: piece })),
    ...said.pieces.map((content) => line({ content })),
    ...(said.calls.length === 0 ? [] : [line({ content: "", tool_calls: nativeCalls(said, asked) })]),
    ...last(said, { ...head(asked), message: { role: "assistant", content: "" } }),
  ];
}

export function chatAnswer(said: Said, asked: Asked): object {
  const message = {
    role: "assistant",
    content: contentOf(said),
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "thinking")]: said.thoughts.join("") }),
    ...(said.calls.length === 0 ? {} : { tool_calls: nativeCalls(said, asked) }),
  };
  return { ...head(asked), message, done: true, ...stats(said) };
}

/** Lines of `/api/generate`. */
export function generateLines(said: Said, asked: Asked, raw: boolean): readonly Frame[] {
  return [
    ...said.thoughts.map((thinking) => ({ token: true, data: { ...head(asked), response: "", thinking, done: false } })),
    ...said.pieces.map((response) => ({ token: true, data: { ...head(asked), response, done: false } })),
    ...last(said, { ...head(asked), response: "", ...contextOf(raw) }),
  ];
}

export function generateAnswer(said: Said, asked: Asked, raw: boolean): object {
  return { ...head(asked), response: contentOf(said), done: true, ...contextOf(raw), ...stats(said) };
}

/** The answer to a request without a prompt: the model was loaded or unloaded. */
export function loadAnswer(asked: Asked, reason: "load" | "unload", chat: boolean): object {
  const nothing = chat ? { message: { role: "assistant", content: "" } } : { response: "" };
  return { ...head(asked), ...nothing, done: true, done_reason: reason };
}

/** Arguments with their keys in another order each time. */
export function shuffled(value: unknown, index: number): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(index % 2 === 0 ? entries : entries.reverse());
}

export function callId(): string {
  return `call_${randomInt(36 ** 7, 36 ** 8).toString(36)}`;
}

function head({ model }: Asked): object {
  return { model, created_at: new Date().toISOString() };
}

function nativeCalls({ calls }: Said, { index: request }: Asked): readonly object[] {
  return calls.map(({ id = callId(), index, name, value }) => ({ id, function: { index, name, arguments: shuffled(value, request) } }));
}

function last(said: Said, line: object): readonly Frame[] {
  const { finish, reply } = said;
  return finish === null || reply.withoutDone === true ? [] : [{ token: false, data: { ...line, done: true, ...stats(said) } }];
}

/** Nanoseconds; a cached prompt shows by the time it does not take. */
function stats(said: Said): object {
  const { counted, outputTokens, finish } = said;
  const read = 1 + (counted.promptTokens - counted.cachedTokens) * 1_000_000;
  const written = outputTokens * 20_000_000;
  const counts = usageOf(said, true, (input, output) => ({
    prompt_eval_count: input,
    prompt_eval_duration: read,
    eval_count: output,
    eval_duration: written,
  }));
  return {
    done_reason: finish === "tool_calls" ? "stop" : finish,
    total_duration: read + written + 2_000_000,
    load_duration: 2_000_000,
    ...counts,
  };
}

function contextOf(raw: boolean): object {
  return raw ? {} : { context: [1, 2, 3] };
}
