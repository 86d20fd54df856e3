import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeOpenAI } from "../src/testing/fake-openai-server.ts";
import { startFakeGemini, startFakeMessages } from "../src/testing/index.ts";
import { startFakeResponses } from "../src/testing/fake-responses-server.ts";
import { massgen, workplace } from "./cli/massgen.ts";
import { type HttpServer, startHttpServer } from "./tools/mcp-http.ts";

/**
 * A council whose servers all repeat their keys in good replies: as text, as thinking, in the input of a tool, as base64, encoded for a URL;
 * its tools give away the keys that they were started with. No key may come out anywhere, nor reach another's server.
 */
const keyOf = (name: string): string => `canary/of+${name}-0123456789`;
const names = ["openai", "claude", "gemini", "chatcompletion", "stdio", "http"] as const;
type Name = (typeof names)[number];

const place = workplace();
const servers = new Map<Name, { readonly requests: readonly unknown[]; close(): Promise<void> }>();
let tools: HttpServer;

const said = (name: Name): string => {
  const key = keyOf(name);
  return `My key is ${key}, ${Buffer.from(`Bearer ${key}`).toString("base64")}, ${Buffer.from(key).toString("base64")}, ${encodeURIComponent(key)}.`;
};
/** What a model says in its first call, a ballot, and every other. */
function turn(body: unknown, name: Name): { readonly tool: boolean; readonly text: string } {
  const text = JSON.stringify(body);
  const [, choice] = /"enum":\["([^"]+)"/u.exec(text) ?? [];
  if (choice !== undefined) return { tool: false, text: JSON.stringify({ reason: `It has ${keyOf(name)}.`, choice }) };
  const isFirst = !text.includes("<answer") && !text.includes("echo: ") && !text.includes("OF_THE_SERVER");
  return { tool: isFirst, text: said(name) };
}

let addresses: Record<"openai" | "claude" | "gemini" | "chatcompletion", string>;

beforeAll(async () => {
  const openai = await startFakeResponses({
    reply: ({ body }) => {
      const { tool, text } = turn(body, "openai");
      return tool ? { functionCalls: [{ name: "echo", arguments: { text: said("openai") } }] } : { text, reasoning: said("openai") };
    },
  });
  const claude = await startFakeMessages({
    reply: ({ body }) => {
      const { tool, text } = turn(body, "claude");
      return tool ? { toolUses: [{ name: "environment", input: {} }] } : { text };
    },
  });
  const gemini = await startFakeGemini({
    reply: ({ body }) => {
      const { tool, text } = turn(body, "gemini");
      return tool ? { functionCalls: [{ name: "echo", args: { text: said("gemini") } }] } : { text };
    },
  });
  const chat = await startFakeOpenAI({
    reply: ({ body }) => {
      const { tool, text } = turn(body, "chatcompletion");
      return tool ? { text, toolCalls: [{ name: "environment", arguments: {} }] } : { text, reasoning: said("chatcompletion") };
    },
  });
  servers.set("openai", openai).set("claude", claude).set("gemini", gemini).set("chatcompletion", chat);
  addresses = { openai: openai.baseUrl, claude: claude.origin, gemini: gemini.origin, chatcompletion: chat.baseUrl };
  tools = await startHttpServer(keyOf("http"));
});
afterAll(async () => {
  await Promise.all([...servers.values(), tools].map((server) => server.close()));
  place.remove();
});

function configFor(agents: readonly (keyof typeof addresses)[]): string {
  const program = fileURLToPath(new URL("tools/mcp-stdio.ts", import.meta.url));
  const mcp_servers = {
    notes: { command: process.execPath, args: [program], env: { OF_THE_SERVER_PAT: keyOf("stdio") } },
    far: { url: tools.url, headers: { authorization: `Bearer ${keyOf("http")}` }, allowed_tools: ["picture"] },
  };
  const seats = agents.map((type) => ({
    id: type,
    backend: {
      type,
      model: type === "claude" ? "claude-sonnet-4-5" : type === "gemini" ? "gemini-2.5-flash" : "gpt-4.1",
      base_url: addresses[type],
      api_key: keyOf(type),
    },
  }));
  const ui = agents.length === 1 ? { use_orchestrator_for_single_agent: false } : {};
  return place.write(`${agents.join("-")}.json`, JSON.stringify({ agents: seats, mcp_servers, ui }));
}

/** Every file below a folder, as text. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

function expectNone(text: string, of: readonly Name[] = names): void {
  for (const key of of.map(keyOf)) {
    const base64 = ["", "1", "22"].map((before) =>
      Buffer.from(before + key)
        .toString("base64")
        .slice(4, -4),
    );
    for (const form of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), ...base64]) expect(text).not.toContain(form);
  }
}

test.each([
  ["events", ["--json"]],
  ["everything", ["-vv"]],
  ["quiet", ["-q"]],
])("keys in replies and results come out neither in %s nor in what is kept, and reach nobody else", async (name, flags) => {
  const home = join(place.folder, name);
  const logFile = join(place.folder, `${name}.jsonl`);
  const config = configFor(["openai", "claude", "gemini", "chatcompletion"]);
  const ran = await massgen(["--config", config, ...flags, "--log-file", logFile, "Why?"], { home });
  expect([ran.code, ran.stderr.includes("goes on without")]).toEqual([0, false]);
  const shown = await massgen(["show", "last", "-vv"], { home });
  const everything = [ran.stdout, ran.stderr, readFileSync(logFile, "utf8"), shown.stdout, shown.stderr, written(home)].join("\n");
  expectNone(everything);
  expect(everything).toContain("My key is [secret]");
  expect(readFileSync(logFile, "utf8")).toContain("tool-settled");
  for (const [server, { requests }] of servers) {
    const bodies = JSON.stringify(requests.map((request) => (request as { readonly body: unknown }).body));
    expectNone(bodies);
    expectNone(
      JSON.stringify(requests),
      names.filter((other) => other !== server),
    );
  }
});

test.each(["openai", "chatcompletion"] as const)("nor where one agent (%s) is written out as it comes", async (type) => {
  const home = join(place.folder, `direct-${type}`);
  const { code, stdout, stderr } = await massgen(["--config", configFor([type]), "Why?"], { home });
  expect([code, /^My key is (?:\[secret\]|\*{3}), \w*\[secret\]/mu.test(stdout)]).toEqual([0, true]);
  expectNone(stdout + stderr + written(home));
});

test("nor in the greeting of a chat, nor in a look, where a server of tools fails with its key", async () => {
  const home = join(place.folder, "failing");
  const code = `console.error("\u001B[2JBad token " + process.env.MY_TOKEN); process.exit(2)`;
  const mcp_servers = { bad: { command: process.execPath, args: ["-e", code], env: { MY_TOKEN: keyOf("stdio") } } };
  const backend = { type: "chatcompletion", model: "fake", base_url: addresses.chatcompletion, api_key: keyOf("chatcompletion") };
  const config = place.write("failing.json", JSON.stringify({ agents: [{ id: "one", backend }], mcp_servers }));
  const chat = await massgen(["--config", config], { home, typed: ["/quit"], terminal: true });
  expect(chat.stderr).toContain("Bad token [secret]");
  expect(chat.stderr).not.toContain("\u001B[2J");
  const asked = await massgen(["--config", config, "Why?"], { home });
  const look = await massgen(["--config", config, "--dry-run", "--json", "Why?"], { home });
  const tested = await massgen(["backends", "test", "--config", config, "--json"], { home });
  expect(tested.stdout + tested.stderr).not.toContain("Bad token");
  expectNone([chat, asked, look, tested].map(({ stdout, stderr }) => stdout + stderr).join("\n") + written(home));
});
