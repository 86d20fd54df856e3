import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capabilityTable, columns, withCapabilities } from "../scripts/capability-table.ts";
import { readConfig } from "../src/config/load-config.ts";
import { MassgenError } from "../src/core/errors.ts";
import type { Prompt } from "../src/core/messages.ts";
import { createBackend, createCouncil } from "../src/library/index.ts";
import { chatcompletion } from "../src/models/backends/chatcompletion/chatcompletion.ts";
import { createChatCompletion } from "../src/models/backends/chatcompletion/create-chat-completion.ts";
import type { BackendOptions } from "../src/library/create-backend.ts";
import type { CouncilModel } from "../src/models/model.ts";
import { callModel } from "../src/models/call-model.ts";
import { systemClock } from "../src/models/clock.ts";
import { backends, type CloudType } from "../src/models/backends/backends.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

/** The table in the README, cell by cell: what is sent, or not, where a backend has it, or not. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder();
});
afterAll(() => recorder.close());

test("the table in the README is what the descriptors generate", () => {
  expect(withCapabilities(readme)).toBe(readme);
});

type Column = keyof typeof columns;
type Type = CloudType | "chatcompletion";

const cells = [...Object.values(backends), chatcompletion].flatMap((backend) =>
  (Object.keys(columns) as readonly Column[]).map((column) => [backend.type as Type, column, columns[column](backend)] as const),
);

async function made(type: Type, options: Omit<BackendOptions, "type"> & { readonly baseUrl: string }): Promise<CouncilModel> {
  if (type !== "chatcompletion") return createBackend({ type, ...options });
  return createChatCompletion({ accepts: { images: true, pdf: false }, ...options, model: options.model ?? "m" });
}
const usual: Prompt = { messages: [{ role: "user", text: "Why?" }], maxOutputTokens: 2_000, maxTextTokens: 2_000 };

/** The body of the request that a backend makes of a prompt. */
async function sent(
  type: Type,
  prompt: Partial<Prompt>,
  own: { readonly search?: boolean; readonly code?: boolean } = {},
): Promise<string> {
  const before = recorder.requests.length;
  const model = await made(type, { baseUrl: `${recorder.origin}/v1`, apiKey: "key-0123456789", ...own });
  const tools = (prompt.tools ?? []).map((name) => ({ name, inputSchema: { type: "object", properties: {} } }));
  const call = callModel(model, { ...usual, ...prompt }, { clock: systemClock(), tools }, new AbortController().signal);
  while ((await call.next()).done !== true);
  return JSON.stringify(recorder.requests[before]?.body);
}

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");
const PDF = Buffer.from(
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
);

/** Models that see, where a backend's first choice does not. */
const seeing: Partial<Record<Type, string>> = { grok: "grok-4", zai: "glm-4.5v" };

/** Whether the contents of a file reach a model; a file that none of a council can take is refused before anything is sent. */
async function isSentAlong(type: Type, data: Buffer): Promise<boolean> {
  const before = recorder.requests.length;
  const usualModel = type === "chatcompletion" ? "m" : backends[type].model;
  const model = await made(type, { model: seeing[type] ?? usualModel, baseUrl: `${recorder.origin}/v1` });
  const council = createCouncil({ seats: [{ model }] });
  const outcome = await council.ask("What is this?", { attachments: [{ name: "thing", data }] }).result.catch((error: unknown) => error);
  await council.close();
  if (outcome instanceof MassgenError) return false;
  return JSON.stringify(recorder.requests[before]?.body).includes(data.toString("base64").slice(0, 60));
}

const shows: Readonly<Record<Exclude<Column, "reasoning">, (type: Type) => Promise<boolean>>> = {
  search: async (type) => /"[\w.]*search\w*"/iu.test(await sent(type, {}, { search: true })),
  code: async (type) => /code_?(?:execution|interpreter)/iu.test(await sent(type, {}, { code: true })),
  images: (type) => isSentAlong(type, PNG),
  files: (type) => isSentAlong(type, PDF),
  tools: async (type) => (await sent(type, { tools: ["look_up"] })).includes("look_up"),
  "structured ballots": async (type) => (await sent(type, { ballot: { rung: "schema", choices: ["A", "B"] } })).includes('["A","B"]'),
};

describe.each(cells.filter(([, column]) => column !== "reasoning"))("%s, %s", (type, column, has) => {
  test(`is ${has ? "" : "not "}sent`, async () => {
    expect(await shows[column as keyof typeof shows](type)).toBe(has);
  });
});

test.each(cells.filter(([, column, has]) => !has && (column === "search" || column === "code")))(
  "%s, %s: a switch that does nothing is named",
  (type, column) => {
    const key = column === "search" ? "enable_web_search" : "enable_code_execution";
    const { warnings } = readConfig("c.yaml", `agent: { backend: { type: ${type}, ${key}: true } }`, {});
    expect(warnings).toEqual([expect.stringContaining(key)]);
  },
);

const wire = new URL("../../shared/fixtures/wire/", import.meta.url);
/** A recording in which each thinks, and how its events are framed. */
const thinking: Partial<Record<Type, readonly [file: string, isTyped: boolean]>> = {
  openai: ["openai/responses-openai-reasoning-encrypted-content.1.chunks.txt", true],
  claude: ["anthropic/anthropic-clear-thinking.1.chunks.txt", true],
  gemini: ["google/google-text.chunks.txt", false],
  grok: ["xai/responses-xai-web-search-tool.1.chunks.txt", true],
  zai: ["deepseek/chat-deepseek-reasoning.chunks.txt", false],
  chatcompletion: ["deepseek/chat-deepseek-reasoning.chunks.txt", false],
};

const summary = { item_id: "rs_1", output_index: 0, summary_index: 0 };
/** No recording of these holds their thoughts, which come so. */
const added: Partial<Record<Type, readonly object[]>> = {
  gemini: [{ candidates: [{ content: { parts: [{ text: "Let me see.", thought: true }], role: "model" }, index: 0 }] }],
  grok: [
    { type: "response.output_item.added", output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [], status: "in_progress" } },
    { type: "response.reasoning_summary_part.added", ...summary, part: { type: "summary_text", text: "" } },
    { type: "response.reasoning_summary_text.delta", ...summary, delta: "Let me see." },
  ],
};

describe.skipIf(!existsSync(wire))("reasoning is shown, apart from the answer (skipped where ../shared is not there)", () => {
  test.each(cells.filter(([type, column, has]) => column === "reasoning" && has && type in thinking))("%s", async (type) => {
    const [file, isTyped] = thinking[type] ?? ["", false];
    const events = readFileSync(new URL(file, wire), "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "");
    const frame = (event: string): string => {
      const { type: name } = JSON.parse(event) as { readonly type?: string };
      return `${isTyped && name !== undefined ? `event: ${name}\n` : ""}data: ${event}\n\n`;
    };
    const all = [...events.slice(0, 1), ...(added[type] ?? []).map((event) => JSON.stringify(event)), ...events.slice(1)];
    const server = await startServing(all.map(frame).join(""));
    const model = await made(type, { baseUrl: `${server.origin}/v1` });
    const call = callModel(model, usual, { clock: systemClock() }, new AbortController().signal);
    const thought: string[] = [];
    let next = await call.next();
    for (; next.done !== true; next = await call.next()) if (next.value.type === "reasoning") thought.push(next.value.text);
    await server.close();
    expect(next.value).toMatchObject({ type: "replied", reasoning: thought.join("") });
    expect(thought.join("")).not.toBe("");
  });
});

/** Answers everything with the same stream. */
async function startServing(body: string): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const server = createServer((_request, response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Claude Code is a program of its own: what it is told and does is shown where it runs. */
const shownElsewhere: Readonly<Record<Column, readonly [file: string, title: string]>> = {
  search: ["../src/models/backends/claude-code/query-options", "searching and running code can be switched off"],
  code: ["../src/models/backends/claude-code/query-options", "searching and running code can be switched off"],
  reasoning: ["real/claude-code", "a draft streams, with its thinking apart"],
  images: ["../src/models/backends/claude-code/create-claude-code", "takes no files"],
  files: ["../src/models/backends/claude-code/create-claude-code", "takes no files"],
  tools: ["real/claude-code", "a tool of ours ends its reply"],
  "structured ballots": ["real/claude-code", "a ballot has no tools, no thinking and a schema"],
};

test.each(Object.entries(shownElsewhere))("claude_code, %s is shown by a test of its own", (_column, [file, title]) => {
  expect(readFileSync(new URL(`${file}.test.ts`, import.meta.url), "utf8")).toContain(`test("${title}`);
});

test("the table names every backend", () => {
  for (const { type } of Object.values(backends)) expect(capabilityTable()).toContain(`\`${type}\``);
});
