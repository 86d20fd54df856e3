import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Failure, Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import { type FakeServer, startFakeOpenAI } from "../../../testing/fake-openai-server.ts";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { callModel } from "../../call-model.ts";
import { systemClock } from "../../clock.ts";
import { createQueue } from "../../queue/engine-queue.ts";
import { createVllm } from "./create-vllm.ts";

const folder = new URL("../../../../../shared/fixtures/engines/vllm/", import.meta.url);
const absent = existsSync(folder) ? undefined : "no recordings next to this checkout";
const prompt: Prompt = { messages: [{ role: "user", text: "Go on." }], maxOutputTokens: 100, maxTextTokens: 4000 };

interface Recording {
  readonly name: string;
  readonly status: number;
  readonly body: string;
}

/** What the engine said, put together from its own words without the code under test. */
interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: string }[];
  readonly finish: unknown;
  readonly usage: Json | undefined;
}

/** Those of chats: not the ones whose client left, nor those cut by the recorder. */
function recordings(): readonly Recording[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".request.json") && !file.startsWith("disconnect"))
    .flatMap((file) => {
      const name = file.replace(".request.json", "");
      const { method, path } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { method: string; path: string };
      const [head = "", ...rest] = readFileSync(new URL(`${name}.response.txt`, folder), "utf8").split("\n\n");
      const body = rest.join("\n\n").replace(/# curl:.*\n*$/u, "");
      const isChat = method === "POST" && path === "/v1/chat/completions" && !body.includes("[cut by the recorder]");
      return isChat ? [{ name, status: Number(head.split(" ")[1]), body }] : [];
    });
}

function said(body: string): Said {
  const chunks = body.startsWith("data:")
    ? body.split("\n").flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6)) as Json] : []))
    : [JSON.parse(body) as Json];
  const choices = chunks.flatMap(({ choices: all }) => (Array.isArray(all) ? all.filter(isJson).slice(0, 1) : []));
  const parts = choices.map(({ delta, message }) => (isJson(delta) ? delta : isJson(message) ? message : {}));
  const calls = new Map<unknown, { name: string; input: string }>();
  for (const call of parts.flatMap(({ tool_calls: all }) => (Array.isArray(all) ? all.filter(isJson) : []))) {
    const { name = "", arguments: input = "" } = call["function"] as { name?: string; arguments?: string };
    const known = calls.get(call["index"] ?? call["id"]) ?? { name: "", input: "" };
    calls.set(call["index"] ?? call["id"], { name: known.name + name, input: known.input + input });
  }
  return {
    text: parts.map(({ content }) => (typeof content === "string" ? content : "")).join(""),
    calls: [...calls.values()],
    finish: choices.map(({ finish_reason: reason }) => reason).findLast((reason) => typeof reason === "string"),
    usage: chunks.map(({ usage }) => usage).findLast(isJson),
  };
}

const failures: Readonly<Record<string, Failure["kind"]>> = {
  context_max_tokens_too_large: "context-overflow",
  context_overflow: "context-overflow",
  context_overflow_no_max_tokens: "context-overflow",
  context_overflow_stream: "context-overflow",
  noflags_auth_missing_chat: "auth",
  noflags_auth_wrong_chat: "auth",
  noflags_auth_x_api_key: "auth",
  unknown_model: "not-found",
  unknown_model_stream: "not-found",
};

const all = absent === undefined ? recordings() : [];

describe.skipIf(absent !== undefined)(`recorded answers of vLLM ${absent ?? ""}`, () => {
  let server: FakeServer;
  let current: Recording | undefined;
  beforeAll(async () => {
    server = await startFakeOpenAI({ reply: () => ({ status: current?.status ?? 200, body: current?.body ?? "", splitEveryBytes: 977 }) });
  });
  afterAll(() => server.close());

  async function replay(recording: Recording): Promise<Outcome> {
    current = recording;
    const languageModel = createVllm({ baseUrl: server.baseUrl }).languageModel("recorded", {});
    const queue = createQueue({ slots: 1, sharing: "blocks" });
    const model = { languageModel, name: "vllm/recorded", rungs: ["schema"], sampling: {}, timeouts: {}, queue } as const;
    const call = callModel(model, prompt, { clock: systemClock() }, new AbortController().signal);
    for (;;) {
      const next = await call.next();
      if (next.done === true) return next.value;
    }
  }

  test("are all there", () => {
    expect(all.length).toBeGreaterThan(70);
  });

  test.each(all.filter(({ status }) => status !== 200).map((recording) => [recording.name, recording] as const))(
    "%s: a failure that names what and where",
    async (name, recording) => {
      const outcome = await replay(recording);
      expect(outcome).toMatchObject({
        type: "failed",
        failure: { kind: failures[name] ?? "bad-request", status: recording.status, retryable: false },
      });
      expect(outcome.type === "failed" ? outcome.failure.message : "").toMatch(
        /^http:\/\/127\.0\.0\.1:\d+ [^\n]+\(\d+\)(?:;[^\n]+)?: [^\n]+$/u,
      );
    },
  );

  test.each(all.filter(({ status }) => status === 200).map((recording) => [recording.name, recording] as const))(
    "%s: word for word",
    async (_name, recording) => {
      const { text, calls, finish, usage } = said(recording.body);
      const outcome = await replay(recording);
      expect(outcome).toMatchObject({ type: "replied", text: text.trim() === "" ? expect.any(String) : text });
      if (outcome.type !== "replied") return;
      expect(outcome.toolCalls.map(({ name, input }) => ({ name, input }))).toEqual(calls);
      expect(outcome.finish === "length").toBe(finish === "length");
      if (usage !== undefined)
        expect(outcome.usage).toMatchObject({ inputTokens: usage["prompt_tokens"], outputTokens: usage["completion_tokens"] });
    },
  );
});
