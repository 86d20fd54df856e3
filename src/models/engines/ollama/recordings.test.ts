import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import { callModel } from "../../call-model.ts";
import { systemClock } from "../../clock.ts";
import { seatModel } from "../seat-model.ts";
import { createOllama } from "./create-ollama.ts";

const folder = new URL("../../../../../shared/fixtures/engines/ollama/", import.meta.url);
const absent = existsSync(folder) ? undefined : "no recordings next to this checkout";
const prompt: Prompt = { messages: [{ role: "user", text: "Go on." }], maxOutputTokens: 4000, maxTextTokens: 4000 };

interface Recording {
  readonly name: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function recordings(): readonly Recording[] {
  return readdirSync(folder).flatMap((file) => {
    const name = file.replace(".request.json", "");
    if (name === file) return [];
    const { path, body } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { path: string; body?: { messages?: unknown[] } };
    if (path !== "/api/chat" || body?.messages?.length === 0) return [];
    const text = readFileSync(new URL(`${name}.response.txt`, folder), "utf8").replace(/\n# curl:.*\n?$/u, "");
    const [head = "", ...rest] = text.split("\n\n");
    const contentType = /^content-type: (.*)$/imu.exec(head)?.[1] ?? "";
    return [{ name, status: Number(head.split(" ")[1]), contentType, body: rest.join("\n\n") }];
  });
}

/** What each kind of recording has to become; whatever else was answered with 200 is a reply. */
const expected: Readonly<Record<string, object>> = {
  chat_length: { type: "replied", finish: "length" },
  chat_format_cut: { type: "replied", finish: "length" },
  tools_fewshot: { type: "replied", finish: "tool-calls", toolCalls: [{ name: "get_weather" }] },
  tools_fewshot_stream: { type: "replied", finish: "tool-calls", toolCalls: [{ name: "get_weather" }] },
  prefix_warm: { type: "replied", usage: { inputTokens: 2659, outputTokens: 6, estimated: false } },
  num_ctx_4096_same_prompt: { type: "replied", usage: { inputTokens: 2659 }, timing: { reported: true } },
  overflow_truncate_false: { type: "failed", failure: { kind: "context-overflow", retryable: false } },
  overflow_shift_false: { type: "failed", failure: { kind: "context-overflow", retryable: false } },
  unknown_model: { type: "failed", failure: { kind: "not-found", retryable: false } },
  chat_tools: { type: "failed", failure: { kind: "bad-request", retryable: false } },
  chat_tools_stream: { type: "failed", failure: { kind: "bad-request", retryable: false } },
  chat_think_true: { type: "failed", failure: { kind: "bad-request", retryable: false } },
};

describe.skipIf(absent !== undefined)(`recorded exchanges of Ollama ${absent ?? ""}`, () => {
  let server: Server;
  let origin = "";
  let current: Recording | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { status = 404, contentType = "text/plain", body = "" } = request.url === "/api/chat" ? (current ?? {}) : {};
      response.writeHead(status, { "content-type": contentType });
      response.end(body);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function replay(recording: Recording): Promise<Outcome> {
    current = recording;
    const { prepare: _, ...model } = await seatModel(
      createOllama({ baseUrl: origin }),
      { id: "recorded" },
      {},
      new AbortController().signal,
    );
    const call = callModel(model, prompt, { clock: systemClock() }, new AbortController().signal);
    for (;;) {
      const next = await call.next();
      if (next.done === true) return next.value;
    }
  }

  test.each((absent === undefined ? recordings() : []).map((recording) => [recording.name, recording] as const))(
    "%s",
    async (name, recording) => {
      const outcome = await replay(recording);
      expect(outcome).toMatchObject(expected[name] ?? { type: recording.status === 200 ? "replied" : "failed" });
      if (outcome.type === "failed") expect(outcome.failure.message).toContain(origin);
      if (outcome.type === "replied") expect(outcome.text !== "" || outcome.toolCalls.length > 0).toBe(true);
    },
  );

  test("a prompt from the cache teaches no speed", async () => {
    const warm = (absent === undefined ? recordings() : []).find(({ name }) => name === "prefix_warm");
    const outcome = await replay(warm ?? expect.fail("prefix_warm is recorded"));
    expect(outcome.type === "replied" && outcome.timing).not.toHaveProperty("promptPerSecond");
  });
});
