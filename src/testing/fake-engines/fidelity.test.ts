import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { FakeReply } from "../fake-openai/fake-reply.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { startFakeLlamaCpp } from "./llamacpp/start-fake-llama-cpp.ts";
import { startFakeOllama } from "./ollama/start-fake-ollama.ts";
import { startFakeVllm } from "./vllm/start-fake-vllm.ts";

// What the fakes answer is held against what real engines answered: the same status, the same keys, the same types.

const RECORDINGS = new URL("../../../../shared/fixtures/engines/", import.meta.url);

interface Recording {
  readonly name: string;
  readonly request: RecordedRequest;
  readonly answer: Answer;
}

interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body?: unknown;
  readonly raw_body?: string;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

interface Subject {
  readonly start: (name: string, reply: FakeReply) => Promise<FakeEngine>;
  /** Recordings that the fake does not claim to reproduce, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Recordings that need others to go before. */
  readonly after?: Readonly<Record<string, readonly string[]>>;
}

function holdAgainst(engine: string, { start, leftOut, after = {} }: Subject): void {
  const folder = new URL(`${engine}/`, RECORDINGS);
  describe.skipIf(!existsSync(folder))(`${engine}, against its recordings (where ../shared is there)`, () => {
    const names = existsSync(folder)
      ? readdirSync(folder).flatMap((file) => (file.endsWith(".request.json") ? [file.replace(".request.json", "")] : []))
      : [];

    test("what is left out exists", () => {
      expect(names).toEqual(expect.arrayContaining([...Object.keys(leftOut), ...Object.keys(after)]));
    });

    test.each(names.filter((name) => !(name in leftOut)))("%s", async (name) => {
      const recording = read(folder, name);
      const fake = await start(name, replyOf(recording.answer));
      engines.push(fake);
      for (const earlier of after[name] ?? []) await send(fake, read(folder, earlier).request);
      const answer = await send(fake, recording.request);
      expect({ status: answer.status, contentType: answer.contentType }).toEqual({
        status: recording.answer.status,
        contentType: recording.answer.contentType,
      });
      expect(shapesOf(answer)).toEqual(shapesOf(recording.answer));
    });
  });
}

function read(folder: URL, name: string): Recording {
  const request = JSON.parse(readFileSync(new URL(`${name}.request.json`, folder), "utf8")) as RecordedRequest;
  const text = readFileSync(new URL(`${name}.response.txt`, folder), "utf8").replaceAll("\r", "");
  const [head = "", ...rest] = text.replace(/\n# curl:.*\n?$/u, "").split("\n\n");
  const contentType = /^content-type: ([^;\n]*)/imu.exec(head)?.[1] ?? "";
  return { name, request, answer: { status: Number(head.split(" ")[1]), contentType, body: rest.join("\n\n") } };
}

async function send(engine: FakeEngine, { method, path, headers, body, raw_body: raw }: RecordedRequest): Promise<Answer> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body, (_, value: unknown) => unabbreviated(value)));
  const response = await fetch(`${engine.origin}${path}`, {
    method,
    headers: headers.map((line) => line.split(": ") as [string, string]),
    ...(sent === undefined ? {} : { body: sent }),
  });
  const contentType = response.headers.get("content-type")?.split(";")[0] ?? "";
  return { status: response.status, contentType, body: await response.text() };
}

/** Long texts were shortened by the recorder: their beginning and their length is left. */
function unabbreviated(value: unknown): unknown {
  const [, start, length] = typeof value === "string" ? (/^([\s\S]*)\.\.\. \[(\d+) chars\]$/u.exec(value) ?? []) : [];
  return start === undefined ? value : start.padEnd(Number(length), start);
}

interface RecordedMessage {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly name?: string; readonly arguments?: unknown } }[];
}

interface RecordedDocument {
  readonly message?: RecordedMessage;
  readonly response?: string;
  readonly done_reason?: string;
  readonly choices?: readonly {
    readonly message?: RecordedMessage;
    readonly delta?: RecordedMessage;
    readonly finish_reason?: string | null;
  }[];
}

/** The reply that the real model gave, for the fake to say in its own way. */
function replyOf({ body }: Answer): FakeReply {
  const documents = parsedOf(body).filter((document) => typeof document === "object") as readonly RecordedDocument[];
  const messages = documents.map(({ message, response, choices: [choice] = [] }): RecordedMessage => {
    return message ?? choice?.message ?? choice?.delta ?? { content: response ?? null };
  });
  const tokens = messages.flatMap(({ content }) => content || []);
  const calls = messages.flatMap(({ tool_calls: calls = [] }) => calls.map((call) => call.function));
  const cut = documents.some(({ done_reason: done, choices: [choice] = [] }) => [done, choice?.finish_reason].includes("length"));
  const written = calls.map(({ arguments: text }) => (typeof text === "string" ? text : "")).join("");
  const toolCalls = calls.flatMap(({ name, arguments: value }) =>
    name === undefined ? [] : [{ name, arguments: typeof value === "object" ? value : written }],
  );
  return { tokens, toolCalls, ...(cut ? { finish: "length" } : {}) };
}

/** The kinds of things in an answer, in the order in which each first comes. */
function shapesOf({ body }: Answer): readonly string[] {
  return [...new Set(parsedOf(body).map((part) => JSON.stringify(shapeOf(part))))];
}

/** A document, lines, or events; what the recorder cut in the middle is left out. */
function parsedOf(body: string): readonly unknown[] {
  const whole = parsed(body);
  if (whole !== undefined) return [whole];
  if (!/^(?:data: |\{)/u.test(body)) return [body.trim() === "" ? "" : "text"];
  const parts = body.split("\n").map((line) => line.replace(/^data: /u, ""));
  return parts.flatMap((part) => (part === "[DONE]" ? [part] : (parsed(part) ?? [])));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Of these the content is the model's own, or a list of sampling defaults that nobody reads. */
const OPAQUE = new Set(["model_info", "tensors", "params", "context", "tokens", "arguments"]);

function shapeOf(value: unknown): unknown {
  if (value === "[DONE]") return value;
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([key, inner]) => [key, OPAQUE.has(key) ? typeof inner : shapeOf(inner)]),
  );
}

holdAgainst("ollama", {
  start: (name, reply) =>
    startFakeOllama({
      models: [
        { id: "smollm2", tools: false, contextTrained: 8192 },
        { id: "smollm2-tools", contextTrained: 8192 },
      ],
      reply,
      version: name === "version" ? "0.0.0" : "0.17.4",
    }),
  leftOut: {
    embed_unsupported: "the fake makes no embeddings",
    show_tools: "cut in the middle by the recorder",
  },
  after: {
    ps_loaded: ["preload"],
    ps_keep_alive_10m: ["keep_alive_10m"],
    ps_num_ctx_512: ["num_ctx_512_short"],
    v1_ps_after: ["v1_chat_plain"],
    ps_after_unload: ["preload", "generate_unload"],
  },
});

holdAgainst("llamacpp", {
  start: (name, reply) =>
    startFakeLlamaCpp({
      models: [{ id: "smollm2", tools: name.startsWith("hermes_"), contextTrained: 8192, contextTokens: 2048 }],
      reply,
      slots: 2,
      metrics: true,
    }),
  leftOut: {
    disconnect_in_prefill: "a log of events",
    disconnect_mid_stream: "a log of events",
    disconnect_non_stream: "a log of events",
  },
});

holdAgainst("vllm", {
  start: (name, reply) => {
    const common = { models: ["smollm2"], contextTokens: 4096, reply };
    if (!name.startsWith("noflags_")) return startFakeVllm(common);
    return startFakeVllm({
      ...common,
      toolCalls: false,
      promptDetails: true,
      forcedUsage: true,
      requestMetrics: true,
      apiKey: "sk-local-test",
    });
  },
  leftOut: {
    completions: "the fake answers chats only",
    messages_anthropic: "the fake answers chats only",
    responses: "the fake answers chats only",
    logprobs: "the fake knows no probabilities",
    n_2: "the fake gives one choice",
    disconnect_in_prefill: "a log of events",
    disconnect_mid_stream: "a log of events",
    disconnect_non_stream: "a log of events",
  },
});
