import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import type { FakeReply } from "../../../testing/fake-openai/fake-reply.ts";
import { startFakeOpenAI, type FakeServer } from "../../../testing/fake-openai-server.ts";
import { callModel } from "../../call-model.ts";
import { systemClock } from "../../clock.ts";
import { createChatCompletion } from "./create-chat-completion.ts";

const shared = new URL("../../../../../shared/fixtures/", import.meta.url);
const absent = existsSync(shared) ? undefined : "no recordings next to this checkout";

interface Recording {
  readonly name: string;
  readonly status: number;
  readonly body: string;
}

/** Providers: one event a line, without its `data:`; or the events as they were. */
function providerRecordings(): readonly Recording[] {
  return ["openai", "openai-compatible", "deepseek", "groq", "xai", "moonshotai"].flatMap((provider) =>
    readdirSync(new URL(`wire/${provider}/`, shared))
      .filter((file) => !file.startsWith("responses-"))
      .filter((file) => !file.endsWith(".json"))
      .map((file) => {
        const text = readFileSync(new URL(`wire/${provider}/${file}`, shared), "utf8");
        const events = text.split("\n").filter((line) => line.trim() !== "");
        const body = file.endsWith(".sse") ? text : `${events.map((line) => `data: ${line}\n\n`).join("")}data: [DONE]\n\n`;
        return { name: `${provider}/${file}`, status: 200, body };
      }),
  );
}

/** Engines: status line, headers, body, and a `# curl:` line that is not part of it. */
function engineRecordings(): readonly Recording[] {
  return ["vllm", "llamacpp", "ollama"].flatMap((engine) =>
    readdirSync(new URL(`engines/${engine}/`, shared))
      .filter((file) => /stream.*\.response\.txt$/u.test(file) && !file.startsWith("disconnect"))
      .filter((file) => engine !== "ollama" || file.startsWith("v1_"))
      .map((file) => {
        const text = readFileSync(new URL(`engines/${engine}/${file}`, shared), "utf8");
        const [head = "", ...rest] = text.split("\n\n");
        const body = rest.join("\n\n").replace(/# curl:.*\n?$/u, "");
        return { name: `${engine}/${file}`, status: Number(head.split(" ")[1]), body };
      }),
  );
}

const recordings = absent === undefined ? [...providerRecordings(), ...engineRecordings()] : [];
const prompt: Prompt = { messages: [{ role: "user", text: "Go on." }], maxOutputTokens: 4000, maxTextTokens: 4000 };

describe.skipIf(absent !== undefined)(`recorded streams ${absent ?? ""}`, () => {
  let server: FakeServer;
  let current: Recording | undefined;
  let faults: FakeReply = {};
  beforeAll(async () => {
    server = await startFakeOpenAI({
      reply: () => {
        const { status = 200, body = "" } = current ?? {};
        return { status, body, splitEveryBytes: 977, ...faults };
      },
    });
  });
  afterAll(() => server.close());

  async function replay(recording: Recording, spoilt: FakeReply = {}): Promise<Outcome> {
    current = recording;
    faults = spoilt;
    const model = createChatCompletion({ model: "recorded", baseUrl: server.baseUrl });
    const call = callModel(model, prompt, { clock: systemClock() }, new AbortController().signal);
    for (;;) {
      const next = await call.next();
      if (next.done === true) return next.value;
    }
  }

  test.each(recordings.map((recording) => [recording.name, recording] as const))("%s", async (_name, recording) => {
    const outcome = await replay(recording);
    expect(outcome).toMatchObject({ type: recording.status === 200 ? "replied" : "failed" });
    expect(said(outcome)).not.toBe("");
    expect(outcome.usage.inputTokens).toBeGreaterThanOrEqual(0);
  });

  const whole = recordings.filter(({ status }) => status === 200);

  test.each(whole.map((recording) => [recording.name, recording] as const))(
    "%s is never an answer when it is cut",
    async (_name, recording) => {
      const bytes = Buffer.byteLength(recording.body);
      for (const part of [0.3, 0.6]) {
        const outcome = await replay(recording, { cutAfterBytes: Math.floor(bytes * part) });
        expect(outcome).toMatchObject({ type: "failed", failure: { retryable: true } });
      }
      const crlf = { ...recording, body: recording.body.replaceAll("\n", "\r\n") };
      expect(said(await replay(crlf, { splitEveryBytes: 3_001 }))).toBe(said(await replay(recording)));
    },
  );
});

function said(outcome: Outcome): string {
  if (outcome.type === "failed") return outcome.failure.message;
  if (outcome.type !== "replied") return "";
  return `${outcome.text}${outcome.reasoning ?? ""}${outcome.toolCalls.map(({ name, input }) => name + JSON.stringify(JSON.parse(input))).join("")}`;
}
