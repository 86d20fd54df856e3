import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answered } from "../../../../test/answered.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import { type FakeResponses, startFakeResponses } from "../../../testing/fake-responses-server.ts";
import type { ResponsesReply } from "../../../testing/fake-responses/responses-reply.ts";
import { backends } from "../backends.ts";
import { parseJson } from "../chatcompletion/wire.ts";

const shared = new URL("../../../../../shared/fixtures/wire/", import.meta.url);
const absent = existsSync(shared) ? undefined : "no recordings next to this checkout";

interface Recording {
  readonly name: string;
  readonly type: "openai" | "grok";
  readonly events: readonly { readonly type: string }[];
}

/** Two lines of the calls in parallel have lost their last brace. */
function eventIn(line: string): { readonly type: string } {
  return (parseJson(line) ?? JSON.parse(`${line.trim()}}`)) as { readonly type: string };
}

/** One event a line; a file may hold several responses, one after the other. */
function recordingsOf(type: Recording["type"], folder: string): readonly Recording[] {
  return readdirSync(new URL(`${folder}/`, shared))
    .filter((file) => file.startsWith("responses-") && file.endsWith(".chunks.txt"))
    .flatMap((file) => {
      const lines = readFileSync(new URL(`${folder}/${file}`, shared), "utf8").split("\n");
      const events = lines.filter((line) => line.trim() !== "").map(eventIn);
      const starts = events.flatMap((event, index) => (event.type === "response.created" ? [index] : []));
      const name = file.replace(/(\.1)?\.chunks\.txt$/u, "");
      return starts.map((start, index) => ({
        name: index === 0 ? name : `${name} ${index + 1}`,
        type,
        events: events.slice(start, starts[index + 1]),
      }));
    });
}

const recordings = absent === undefined ? [...recordingsOf("openai", "openai"), ...recordingsOf("grok", "xai")] : [];
const recording = (name: string): Recording => {
  const found = recordings.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no recording ${name}`);
  return found;
};

describe.skipIf(absent !== undefined)(`recorded streams of the Responses API ${absent ?? ""}`, () => {
  let server: FakeResponses;
  let reply: ResponsesReply = {};
  beforeAll(async () => {
    server = await startFakeResponses({ reply: () => reply });
  });
  afterAll(() => server.close());

  async function play({ type, events }: Recording, faults: ResponsesReply = {}): Promise<Outcome> {
    reply = { events, ...faults };
    const { baseUrl } = server;
    const model = await backends[type].create({ model: "m", baseUrl, apiKey: "k", fields: {}, sampling: {}, search: true, code: true });
    return answered(model, "Go on.", { tokens: 8_000 });
  }

  test("text in phases: what is said on the way is apart from the answer", async () => {
    const outcome = await play(recording("responses-openai-phase"));
    expect(outcome).toMatchObject({ type: "replied", finish: "stop", reasoning: expect.stringMatching(/^Got it/u) });
    expect(outcome).toHaveProperty("text", expect.stringMatching(/^Here are a/u));
  });

  test("calls in parallel reach us as calls", async () => {
    expect(await play(recording("responses-parallel-tool-call-wrapper"))).toMatchObject({
      type: "replied",
      toolCalls: [{ name: "parallel", input: expect.stringContaining("functions.weather") }],
    });
  });

  test("an error says that the account has no credit", async () => {
    expect(await play(recording("responses-openai-error"))).toMatchObject({
      type: "failed",
      failure: { kind: "rate-limited", retryable: false, message: expect.stringContaining("no credit left") },
    });
  });

  test("thinking that is encrypted is no part of the answer", async () => {
    const outcome = await play(recording("responses-openai-reasoning-encrypted-content"));
    expect(outcome).toMatchObject({ type: "replied" });
    expect(JSON.stringify(outcome)).not.toContain("gAAAA");
  });

  test.each(["responses-openai-web-search-tool", "responses-xai-web-search-tool"])("%s: queries and sources", async (name) => {
    const outcome = await play(recording(name));
    expect(outcome).toMatchObject({ type: "replied", finish: "stop", toolCalls: [] });
    if (outcome.type !== "replied") return;
    const { activity = [], sources = [] } = outcome;
    expect(activity.length).toBeGreaterThan(0);
    expect(activity.filter(({ input }) => /^\{"(?:type|query|url|code)":/u.test(input))).toEqual(activity);
    expect(sources.length).toBeGreaterThan(0);
    for (const { url } of sources) expect(url).toMatch(/^https:\/\//u);
  });

  const replies = recordings.filter(({ name }) => !name.endsWith("-error"));

  test.each(replies)("$name says the same however its bytes come", async (each) => {
    const whole = await play(each);
    expect(whole).toMatchObject({ type: "replied" });
    const { timing: _, ...told } = whole as Extract<Outcome, { type: "replied" }>;
    expect(await play(each, { splitEveryBytes: 1_013, crlf: true, comments: true })).toMatchObject(told);
  });

  test.each(replies)("$name is never an answer when it is cut, stalls or ends early", async (each) => {
    const bytes = Buffer.byteLength(JSON.stringify(each.events));
    for (const part of [0.2, 0.6, 0.9]) {
      expect(await play(each, { cutAfterBytes: Math.floor(bytes * part) })).toMatchObject({ type: "failed", failure: { retryable: true } });
    }
    for (const left of [1, Math.ceil(each.events.length / 2)]) {
      expect(await play({ ...each, events: each.events.slice(0, -left) })).toMatchObject({
        type: "failed",
        failure: { kind: "invalid-reply" },
      });
    }
    const broken = await play(each, {
      errorAtToken: { token: 3, body: { type: "error", code: "server_error", message: "no", sequence_number: 3 } },
    });
    expect(broken).toMatchObject({ type: "failed", failure: { kind: "server-error" } });
  });
});
