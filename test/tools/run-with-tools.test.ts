import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import { type FakeRequest, type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { ofType } from "../behaviours/council.ts";
import { eventsOf, start, workplace } from "../cli/massgen.ts";
import { isAlive } from "./is-alive.ts";

const place = workplace();
afterAll(() => place.remove());
let model: FakeServer | undefined;
afterEach(() => model?.close());

const program = fileURLToPath(new URL("mcp-stdio.ts", import.meta.url));
const canary = "canary-8c1f6a2e9b";
const key = "key-of-the-model-77";

/** The results that a request brings back to its model. */
const results = ({ body }: FakeRequest): readonly string[] =>
  body.messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));
const toolsOf = ({ body }: FakeRequest): readonly string[] => body.tools?.map((tool) => tool.function.name) ?? [];
const isBallot = ({ body }: FakeRequest): boolean => body.response_format !== undefined;
const isPresentation = ({ body }: FakeRequest): boolean => JSON.stringify(body.messages).includes("was chosen");

type Reply = (request: FakeRequest) => FakeReply;

/** Calls these, then answers with what they gave. */
function calling(...calls: readonly (readonly [name: string, input?: object])[]): Reply {
  return (request) => {
    const given = results(request);
    if (given.length > 0) return { text: `They said: ${given.join(" | ")}` };
    return { toolCalls: calls.map(([name, input = {}], index) => ({ id: `c${index}`, name, arguments: input })) };
  };
}

async function begin(config: object, reply: Reply, more: readonly string[] = []) {
  model = await startFakeOpenAI({ reply });
  const backend = { type: "chatcompletion", model: "fake", base_url: model.baseUrl, api_key: key };
  const text = JSON.stringify(config, (name, value: unknown) => (name === "backend" ? { ...backend, ...(value as object) } : value));
  const file = place.write("council.json", text);
  return { ...start(["--config", file, "--json", ...more, "Why?"], { home: place.folder }), requests: model.requests };
}

async function run(config: object, reply: Reply) {
  const { result, requests } = await begin(config, reply);
  const ran = await result;
  return { ran, events: eventsOf(ran), requests };
}

const server = (more: object = {}) => ({ name: "notes", command: process.execPath, args: [program], ...more });
const alone = (servers: readonly object[], more: object = {}) => ({ agents: [{ id: "one", backend: {}, mcp_servers: servers }], ...more });

describe("a council with an MCP server", () => {
  it("uses its tools in a draft, and what they gave in the answer", async () => {
    const { ran, events, requests } = await run(alone([server()]), calling(["echo", { text: "sky" }]));
    expect(ran.code).toBe(0);
    expect(toolsOf(requests[0] as FakeRequest)).toContain("echo");
    expect(requests[0]?.body.tool_choice).toBe("auto");
    expect(ofType(events, "tool-requested")).toMatchObject([{ name: "echo", agent: "one", input: '{"text":"sky"}' }]);
    expect(ofType(events, "tool-settled")).toMatchObject([{ outcome: { type: "result", text: "echo: sky" } }]);
    expect(ofType(events, "run-ended")).toMatchObject([{ answer: "They said: echo: sky" }]);
    expect(ran.stderr).toContain('one calls echo {"text":"sky"}');
  });

  it("also where a model writes its calls as text", async () => {
    const { events } = await run(alone([server()]), (request) => {
      const reply = calling(["echo", { text: "sky" }])(request);
      return { ...reply, toolCallsAs: "text" };
    });
    expect(ofType(events, "run-ended")).toMatchObject([{ answer: "They said: echo: sky" }]);
  });

  it("starts it once for all agents that name it, and ends it with the run", async () => {
    const agents = ["one", "two"].map((id) => ({ id, backend: {} }));
    const { events } = await run({ agents, mcp_servers: { notes: server() } }, (request) =>
      isBallot(request) ? { text: '{"reason":"","choice":"A"}' } : calling(["process"])(request),
    );
    const pids = ofType(events, "tool-settled").map(({ outcome }) => (outcome.type === "result" ? Number(outcome.text) : 0));
    expect(pids.length).toBeGreaterThan(1);
    expect(new Set(pids).size).toBe(1);
    expect(isAlive(pids[0] ?? 0)).toBe(false);
  });

  it("offers what writes to the presenter alone, and nothing to judges", async () => {
    const agents = ["one", "two"].map((id) => ({ id, backend: { mcp_servers: [server({ allowed_tools: ["echo", "save"] })] } }));
    const { ran, requests } = await run({ agents }, (request) => {
      if (isBallot(request)) return { text: '{"reason":"","choice":"A"}' };
      return isPresentation(request) ? calling(["save", { text: "it" }])(request) : { text: `Draft ${Math.random()}` };
    });
    const kinds = requests.map(
      (request) => `${isBallot(request) ? "ballot" : isPresentation(request) ? "presenting" : "draft"}: ${toolsOf(request).join()}`,
    );
    expect(new Set(kinds)).toEqual(new Set(["draft: echo", "ballot: ", "presenting: echo,save"]));
    expect(ran.stdout).toContain("They said: saved it");
  });

  it("takes the tools that the config chooses, and says which it does not know", async () => {
    const choice = { exclude_tools: ["crash"], allowed_tools: ["echo", "crash", "sav"], writes: true };
    const { ran, requests } = await run(alone([server(choice)]), () => ({ text: "Because." }));
    expect(toolsOf(requests[0] as FakeRequest)).toEqual(["echo"]);
    expect(ran.stderr).toContain('The MCP server "notes" has no tool "sav" (did you mean "save"?)');
  });

  it("keeps secrets: none of ours goes to it, what it was given is in no event", async () => {
    process.env["OPENAI_API_KEY"] = canary;
    const { ran, events } = await run(alone([server({ env: { NOTES_TOKEN: "token-of-the-notes-42" } })]), calling(["environment"]));
    delete process.env["OPENAI_API_KEY"];
    const [settled] = ofType(events, "tool-settled");
    expect(settled?.outcome).toMatchObject({ type: "result", text: expect.stringContaining('"NOTES_TOKEN":"[secret]"') });
    for (const secret of [canary, key, "token-of-the-notes-42"]) expect(ran.stdout + ran.stderr).not.toContain(secret);
  });
});

describe("an MCP server that is of no use", () => {
  it("costs its agents its tools and not the run", async () => {
    const servers = [server({ args: [program, "refuses"] }), { name: "web", url: "http://127.0.0.1:9/mcp" }, server({ name: "good" })];
    const { ran, requests } = await run(alone(servers), () => ({ text: "Because." }));
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('The MCP server "notes" ended with code 2: Error: no folder was given. one goes on without its tools');
    expect(ran.stderr).toMatch(/The MCP server "web" cannot be reached at http:\/\/127.0.0.1:9: bad port. one goes on without its tools/u);
    expect(toolsOf(requests[0] as FakeRequest)).toContain("echo");
  });

  it("that crashes, fails or says megabytes is told of to the model, which answers", async () => {
    const { ran, events, requests } = await run(
      alone([server(), server({ name: "other" })], { orchestrator: { tool_timeout: "10m" } }),
      calling(["notes__fail"], ["notes__megabytes", { count: 2 }], ["other__crash"]),
    );
    expect(ran.code).toBe(0);
    const outcomes = ofType(events, "tool-settled").map(({ toolId, outcome }) => [toolId.at(-1), outcome] as const);
    const of = new Map(outcomes);
    expect(of.get("1")).toEqual({ type: "failed", text: "there is no such page" });
    expect(of.get("2")).toMatchObject({ type: "result", cut: expect.any(Number) });
    expect(of.get("3")).toEqual({ type: "failed", text: 'the MCP server "other" ended with code 3; its tools are gone' });
    expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
    expect(results(requests[1] as FakeRequest)[1]).toMatch(/\n\[… \d+ more characters were cut off here …\]$/u);
  });

  it("that hangs is not waited for longer than a tool may take", async () => {
    const { ran, events } = await run(alone([server()], { orchestrator: { tool_timeout: "5s" } }), calling(["hang"]));
    expect(ran.code).toBe(0);
    expect(ofType(events, "tool-settled")).toMatchObject([{ outcome: { type: "failed", text: "it gave no result within 5 seconds" } }]);
    expect(ofType(events, "run-ended")[0]?.answer).toBe("They said: The tool failed: it gave no result within 5 seconds");
  });

  it("is ended when a person stops the run, and what it was at is cancelled", async () => {
    const { result, interrupt, requests } = await begin(alone([server()]), calling(["process"], ["hang"]));
    await expect.poll(() => requests.length, { timeout: 5_000 }).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    interrupt();
    const events = eventsOf(await result);
    expect(ofType(events, "tool-settled").at(-1)?.outcome).toEqual({ type: "cancelled" });
    const pid = ofType(events, "tool-settled").flatMap(({ outcome }) => (outcome.type === "result" ? [Number(outcome.text)] : []))[0] ?? 0;
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });

  it("is named and not started by a dry run", async () => {
    const { result } = await begin(alone([server({ args: [program, "refuses"] })]), () => ({ text: "" }), ["--dry-run"]);
    const ran = await result;
    expect(JSON.parse(ran.stdout)).toMatchObject({ agents: [{ id: "one", mcp_servers: ["notes"] }], notices: [] });
  });
});
