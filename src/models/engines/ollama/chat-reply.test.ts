import { expect, test } from "vitest";
import { chatEvents } from "./chat-reply.ts";

const encoder = new TextEncoder();

async function eventsOf(...pieces: readonly (string | Uint8Array)[]): Promise<readonly unknown[]> {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      controller.close();
    },
  });
  const events = await new Response(source.pipeThrough(chatEvents(() => ({ tokensPerSecond: 9 })))).text();
  const frames = events.split("\n\n").filter((frame) => frame !== "");
  return frames.map((frame) => (frame === "data: [DONE]" ? "[DONE]" : (JSON.parse(frame.slice("data: ".length)) as unknown)));
}

const said = (content: string): string => JSON.stringify({ message: { role: "assistant", content }, done: false });
const last = JSON.stringify({
  message: { role: "assistant", content: "" },
  done: true,
  done_reason: "stop",
  prompt_eval_count: 26,
  eval_count: 2,
});
const text = (content: string): unknown => ({ choices: [{ index: 0, delta: { content } }] });
const end = (finish_reason = "stop", delta: object = {}): unknown => ({
  choices: [{ index: 0, delta, finish_reason }],
  usage: { prompt_tokens: 26, completion_tokens: 2 },
  massgen: { tokensPerSecond: 9 },
});

test("lines become events, the numbers of the last one usage and measures", async () => {
  expect(await eventsOf(`${said("Hi")}\n`, `${said(" there")}\n${last}\n`)).toEqual([text("Hi"), text(" there"), end(), "[DONE]"]);
});

test("a line may be cut anywhere, also inside a character", async () => {
  const bytes = encoder.encode(`${said("Grüße 🦩")}\n${last}\n`);
  const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.slice(at, at + 1));
  expect(await eventsOf(...pieces)).toEqual([text("Grüße 🦩"), end(), "[DONE]"]);
});

test("several objects may stand on one line, and the newline after the last may be missing", async () => {
  expect(await eventsOf(`${said("a")}${said("{b}")}\r\n${last}`)).toEqual([text("a"), text("{b}"), end(), "[DONE]"]);
});

test("a reply that was not streamed is one line", async () => {
  const whole = JSON.stringify({ ...(JSON.parse(last) as object), message: { content: "All of it" } });
  expect(await eventsOf(whole)).toEqual([end("stop", { content: "All of it" }), "[DONE]"]);
});

test("calls come whole with objects as arguments and end with stop; thinking beside them loses nothing", async () => {
  const call = { id: "call_1", function: { index: 0, name: "look", arguments: { at: "sky" } } };
  const line = JSON.stringify({ message: { content: "", thinking: "Hm.", tool_calls: [call] }, done: false });
  const delta = {
    reasoning_content: "Hm.",
    tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: { at: "sky" } } }],
  };
  expect(await eventsOf(`${line}\n${last}\n`)).toEqual([{ choices: [{ index: 0, delta }] }, end("tool_calls"), "[DONE]"]);
});

test("an error line after a good status is an error", async () => {
  expect(await eventsOf(`${said("a")}\n{"error":"model runner has unexpectedly stopped"}\n`)).toEqual([
    text("a"),
    { error: "model runner has unexpectedly stopped" },
  ]);
});

test("without a line that says done the reply has no end", async () => {
  expect(await eventsOf(`${said("a")}\n`)).toEqual([text("a")]);
});

test("length is told apart, and what comes after the end is not heard", async () => {
  expect(await eventsOf(`${last.replace('"stop"', '"length"')}\n${said("more")}\n`)).toEqual([end("length"), "[DONE]"]);
});
