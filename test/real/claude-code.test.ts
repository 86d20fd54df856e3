import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Failure, Outcome } from "../../src/core/facts/outcome.ts";
import type { Message, Prompt } from "../../src/core/messages.ts";
import { type ClaudeCodeOptions, createClaudeCode } from "../../src/models/backends/claude-code/create-claude-code.ts";
import { isClaudeCodeThere } from "../../src/models/backends/claude-code/find-claude-code.ts";
import { callModel } from "../../src/models/call-model.ts";
import type { CallContext } from "../../src/models/open-call.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { CouncilModel, Delta } from "../../src/models/model.ts";
import type { MessagesReply } from "../../src/testing/fake-messages/messages-reply.ts";
import { messagesError } from "../../src/testing/fake-messages/messages-reply.ts";
import { type FakeMessages, type FakeMessagesOptions, startFakeMessages } from "../../src/testing/fake-messages-server.ts";

/*
 * The real Claude Code program against a fake of the Messages API on 127.0.0.1. Anything that went elsewhere would end at a port at which
 * nothing listens.
 */
const NOWHERE = "http://127.0.0.1:9";
const KEY = "sk-ant-the-key-of-this-test";

let root = "";
const servers: FakeMessages[] = [];
const models: CouncilModel[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "massgen-claude-code-test-"));
});
afterEach(async () => {
  await Promise.all(models.splice(0).map(async (model) => model.close?.()));
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
  rmSync(root, { recursive: true, force: true });
});

const project = (): string => join(root, "project");

interface Asked {
  readonly outcome: Outcome;
  readonly deltas: readonly Delta[];
}

async function fake(reply: FakeMessagesOptions["reply"]): Promise<FakeMessages> {
  const server = await startFakeMessages({ reply });
  servers.push(server);
  return server;
}

async function seat(server: Pick<FakeMessages, "origin">, options: ClaudeCodeOptions = {}): Promise<CouncilModel> {
  const model = await createClaudeCode({
    cwd: project(),
    workspaces: join(root, "workspaces"),
    baseUrl: server.origin,
    apiKey: KEY,
    environment: {
      ...process.env,
      HTTPS_PROXY: NOWHERE,
      HTTP_PROXY: NOWHERE,
      NO_PROXY: "127.0.0.1",
      OPENAI_API_KEY: "sk-of-somebody-else",
    },
    ...options,
  });
  models.push(model);
  return model;
}

const draft = (...messages: readonly Message[]): Prompt => ({
  messages: [
    { role: "system", text: "Think for yourself." },
    ...(messages.length > 0 ? messages : [{ role: "user", text: "Say hello." } as const]),
  ],
  maxOutputTokens: 1_000,
  maxTextTokens: 1_000,
});

interface Asking {
  readonly signal?: AbortSignal;
  readonly tools?: CallContext["tools"];
}

async function ask(model: CouncilModel, prompt: Prompt = draft(), { signal, tools }: Asking = {}): Promise<Asked> {
  const deltas: Delta[] = [];
  const call = callModel(model, prompt, { clock: systemClock(), ...(tools && { tools }) }, signal ?? new AbortController().signal);
  for (;;) {
    const { done, value } = await call.next();
    if (done === true) return { outcome: value, deltas };
    deltas.push(value);
  }
}

function run(model: CouncilModel, agent = "one") {
  const inRun = model.inRun?.({ runId: "run", agent });
  if (inRun === undefined) throw new Error("claude_code has a model for each run");
  return inRun;
}

/** First these tools, then what they gave is answered with a text. */
const working =
  (toolUses: NonNullable<MessagesReply["toolUses"]>, more: MessagesReply = {}) =>
  (_request: unknown, index: number): MessagesReply =>
    index === 0 ? { toolUses, ...more } : { text: "All done." };

const sent = ({ requests }: FakeMessages, index = -1): string => JSON.stringify(requests.at(index)?.body);

describe.skipIf(!isClaudeCodeThere())(
  "the real Claude Code (skipped where the Claude Agent SDK is not installed)",
  { timeout: 60_000 },
  () => {
    test("a draft streams, with its thinking apart, and tells what it cost", async () => {
      const server = await fake({ reasoning: "Politely, then.", text: "Hello to you all." });
      const { outcome, deltas } = await ask(await seat(server));
      expect(outcome).toMatchObject({
        type: "replied",
        text: "Hello to you all.",
        reasoning: "Politely, then.",
        toolCalls: [],
        finish: "stop",
        usage: { estimated: true },
      });
      expect(deltas.filter(({ type }) => type === "text").length).toBeGreaterThan(2);
      expect(server.requests[0]?.headers["x-api-key"]).toBe(KEY);
      expect(sent(server)).toContain("Think for yourself.");
    });

    test("it writes into its own copy, says what it did, and what it said on the way is not its answer (BE-6, BE-15)", async () => {
      writeFileSync(join(root, "secret"), "of the user");
      let folder = "";
      const other = await fake(({ body }, index) => {
        folder ||= /Primary working directory: ([^\\]+)\\n/u.exec(JSON.stringify(body.system))?.[1] ?? "";
        if (index > 0) return { text: "All done." };
        return {
          text: "First I write a file.",
          toolUses: [
            { id: "in", name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } },
            { id: "out", name: "Write", input: { file_path: join(root, "escaped.txt"), content: "by the agent" } },
            { id: "read", name: "Read", input: { file_path: join(root, "secret") } },
          ],
        };
      });
      const again = run(await seat(other));
      const { outcome, deltas } = await ask(again);
      expect(outcome).toMatchObject({
        type: "replied",
        text: "All done.",
        reasoning: "First I write a file.\n",
        toolCalls: [],
        activity: [
          { tool: "Write" },
          { tool: "Write", failed: true },
          { tool: "Read", failed: true, output: expect.stringContaining("your own working folder") },
        ],
      });
      expect(deltas.filter(({ type }) => type === "activity")).toHaveLength(3);
      expect(readFileSync(join(folder, "made.txt"), "utf8")).toBe("by the agent");
      // Whose copy it is, nothing tells.
      expect(folder).toMatch(new RegExp(`^${join(root, "workspaces", "run")}/[0-9a-f]{16}/files$`, "u"));
      expect(existsSync(join(root, "escaped.txt"))).toBe(false);
      expect(sent(other)).not.toContain("of the user");
      expect(existsSync(join(project(), "made.txt"))).toBe(false);
      // A run that is resumed finds its copy again.
      expect(await run(await seat(other)).runEnded("won")).toEqual([`The winner's files are in ${project()}: made.txt.`]);
      expect(readFileSync(join(project(), "made.txt"), "utf8")).toBe("by the agent");
      expect(existsSync(join(root, "workspaces", "run"))).toBe(false);
    });

    test("a ballot has no tools, no thinking and a schema", async () => {
      const server = await fake({ toolUses: [{ name: "StructuredOutput", input: { reason: "Clear.", choice: "B" } }] });
      const prompt: Prompt = { ...draft({ role: "user", text: "A or B?" }), ballot: { rung: "schema", choices: ["A", "B"] } };
      const { outcome } = await ask(await seat(server), prompt);
      expect(outcome).toMatchObject({ type: "replied", text: '{"reason":"Clear.","choice":"B"}', toolCalls: [] });
      expect(server.requests[0]?.body).toMatchObject({ tools: [{ name: "StructuredOutput" }], thinking: { type: "disabled" } });
    });

    test("a ballot in text has no tools either", async () => {
      const server = await fake({ text: "REASON: Clear.\nCHOICE: A" });
      const prompt: Prompt = { ...draft({ role: "user", text: "A or B?" }), ballot: { rung: "text", choices: ["A", "B"] } };
      expect((await ask(await seat(server), prompt)).outcome).toMatchObject({ type: "replied", text: "REASON: Clear.\nCHOICE: A" });
      expect(server.requests[0]?.body.tools ?? []).toEqual([]);
    });

    test("no key reaches its commands, and no other key its process", async () => {
      const server = await fake(working([{ name: "Bash", input: { command: "env" } }]));
      const { outcome } = await ask(await seat(server, { allowedTools: ["Bash"] }));
      const [done] = outcome.type === "replied" ? (outcome.activity ?? []) : [];
      expect(done?.output).toContain("ANTHROPIC_BASE_URL");
      expect(done?.output).not.toContain(KEY);
      expect(done?.output).not.toContain("sk-of-somebody-else");
      expect(process.env["ANTHROPIC_API_KEY"]).not.toBe(KEY);
    });

    test("nothing of the machine is read: no settings, no memories, no files that a text names", async () => {
      const home = join(root, "home");
      for (const folder of [join(home, ".claude"), project()]) mkdirSync(folder, { recursive: true });
      writeFileSync(join(home, ".claude", "CLAUDE.md"), "MEMORY OF THE USER");
      writeFileSync(join(project(), "CLAUDE.md"), "MEMORY OF THE PROJECT");
      writeFileSync(join(root, "secret"), "SECRET");
      const server = await fake({ text: "Fine." });
      const model = run(await seat(server, { environment: { PATH: process.env["PATH"], HOME: home } }));
      await ask(model, draft({ role: "user", text: `/cost\nAn agent wrote: look at @${join(root, "secret")} and @CLAUDE.md` }));
      expect(server.requests).toHaveLength(1);
      expect(sent(server)).not.toMatch(/MEMORY OF|SECRET|persistent file-based memory/u);
      expect(readdirSync(join(home, ".claude"))).toEqual(["CLAUDE.md"]);
      expect(server.otherPaths.filter((path) => path !== "HEAD /api/hello")).toEqual([]);
    });

    test("what the config says of prompts, tools and turns is used (CFG-3, BE-12 a, b)", async () => {
      const server = await fake(working([{ name: "Bash", input: { command: "rm x" } }]));
      const options = {
        systemPrompt: "OWN PROMPT",
        appendSystemPrompt: "AT THE END",
        allowedTools: ["Read", "Bash"],
        disallowedTools: ["Bash(rm:*)"],
      };
      const { outcome } = await ask(await seat(server, { ...options, model: "claude-haiku-4-5", maxTurns: 1 }));
      expect(outcome).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: false } });
      expect(outcome.type === "failed" && outcome.failure.message).toBe(
        "Claude Code used up its turns (max_turns) before it had an answer.",
      );
      expect(server.requests[0]?.body).toMatchObject({ model: "claude-haiku-4-5", tools: [{ name: "Bash" }, { name: "Read" }] });
      const system = server.requests[0]?.body.system;
      expect(JSON.stringify(system)).toMatch(/OWN PROMPT.*Think for yourself.*AT THE END/u);
      expect(JSON.stringify(system)).not.toContain("interactive agent");
    });

    test("a correction reaches it in the same conversation (BE-12 c), and every call is a conversation of its own (BE-12 f)", async () => {
      const server = await fake({ text: "A" });
      await ask(
        await seat(server),
        draft({ role: "user", text: "A or B?" }, { role: "assistant", text: "Maybe." }, { role: "user", text: "Name exactly one." }),
      );
      expect(server.requests).toHaveLength(1);
      expect(sent(server)).toMatch(/<user>\\nA or B\?\\n<\/user>\\n<assistant>\\nMaybe\.\\n<\/assistant>.*Name exactly one\./u);
    });

    test("a tool of ours ends its reply, and it goes on with what came of it", async () => {
      const server = await fake(({ body }) =>
        JSON.stringify(body.messages).includes("tool_result name=")
          ? { text: "It is 42." }
          : { text: "I look it up.", toolUses: [{ id: "t1", name: "mcp__massgen__look_up", input: { word: "answer" } }] },
      );
      const look = { name: "look_up", description: "Looks a word up.", inputSchema: { type: "object" as const } };
      const model = await seat(server);
      const prompt: Prompt = { ...draft(), tools: ["look_up"] };
      const { outcome } = await ask(model, prompt, { tools: [look] });
      const toolCalls = [{ id: "t1", name: "look_up", input: '{"word":"answer"}' }];
      expect(outcome).toMatchObject({ type: "replied", text: "I look it up.", toolCalls, finish: "tool-calls" });
      expect(server.requests[0]?.body.tools?.map(({ name }) => name)).toContain("mcp__massgen__look_up");
      const goesOn: readonly Message[] = [
        ...prompt.messages,
        { role: "assistant", text: "I look it up.", toolCalls },
        { role: "tool", results: [{ id: "t1", name: "look_up", text: "42" }] },
      ];
      expect((await ask(model, { ...prompt, messages: goesOn }, { tools: [look] })).outcome).toMatchObject({
        type: "replied",
        text: "It is 42.",
      });
      expect(server.requests).toHaveLength(2);
    });

    describe("trouble is one sentence", () => {
      const error = (status: number, type: string, message: string): MessagesReply => ({ status, body: messagesError(type, message) });
      test.each([
        ["a wrong key", error(401, "authentication_error", "invalid x-api-key"), { kind: "auth", retryable: false, status: 401 }],
        ["a busy API", error(529, "overloaded_error", "Overloaded"), { kind: "overloaded", retryable: true, status: 529 }],
        ["an unknown model", error(404, "not_found_error", "model: claude-x"), { kind: "not-found", retryable: false, status: 404 }],
        [
          "a prompt too long",
          error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
          { kind: "context-overflow", retryable: false },
        ],
        ["a refusal", { stopReason: "refusal" }, { kind: "content-filter", retryable: false }],
        ["a lost connection", { text: "a b c d", cutAfterBytes: 900 }, { kind: "connection", retryable: true }],
      ] satisfies readonly (readonly [string, MessagesReply, Partial<Failure>])[])("%s", async (_name, reply, failure) => {
        const server = await fake(reply);
        const { outcome } = await ask(await seat(server, { model: "claude-haiku-4-5" }));
        expect(outcome).toMatchObject({ type: "failed", failure });
        expect(outcome.type === "failed" && outcome.failure.message).toMatch(/^Claude Code [^\n]+$/u);
        // Nothing is retried; after an unknown model the program looks whether a smaller one is known.
        expect(server.requests.length).toBeLessThanOrEqual(failure.kind === "not-found" ? 2 : 1);
      });

      test("no login", async () => {
        const server = await fake({ text: "unused" });
        const environment = { PATH: process.env["PATH"], HOME: root };
        const model = await createClaudeCode({ cwd: project(), baseUrl: server.origin, environment });
        models.push(model);
        expect((await ask(model)).outcome).toMatchObject({
          type: "failed",
          failure: { kind: "auth", retryable: false, message: expect.stringContaining("is not logged in: set ANTHROPIC_API_KEY") },
        });
        expect(server.requests).toHaveLength(0);
      });
    });

    test("an abort ends the program and the commands it runs", async () => {
      const marker = join(root, "still-running");
      const server = await fake(working([{ name: "Bash", input: { command: `touch ${marker}; sleep 60` } }]));
      const model = await seat(server, { allowedTools: ["Bash"] });
      const gone = new AbortController();
      const asked = ask(model, draft(), { signal: gone.signal });
      await expect.poll(() => existsSync(marker), { timeout: 10_000 }).toBe(true);
      gone.abort();
      expect((await asked).outcome.type).toBe("cancelled");
      await model.close?.();
      expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(marker);
    });

    test("a hang ends at our limit, with the program", async () => {
      const server = await fake({ text: "a b", stallAfterTokens: 1 });
      const model = await seat(server, { timeouts: { firstTokenMs: 20_000, stallMs: 300 } });
      expect((await ask(model)).outcome).toMatchObject({ type: "failed", failure: { kind: "timeout", retryable: true } });
      await expect.poll(() => server.closedEarly, { timeout: 5_000 }).toBe(1);
    });
  },
);
