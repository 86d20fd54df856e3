import { describe, expect, it } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { MassgenError } from "../core/errors.ts";
import { councilModel } from "../library/council-model.ts";
import type { CouncilModel } from "../models/model.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import type { McpServer } from "../tools/mcp/open-mcp-server.ts";
import type { Surroundings } from "./council.ts";
import type { McpServerConfig } from "./mcp-section.ts";
import { openTools } from "./open-tools.ts";
import type { AgentConfig } from "./schema.ts";

const model = (more: Partial<CouncilModel> = {}): CouncilModel => councilModel(scriptedModel("any", []).model, more);
const agent = (id: string, servers: readonly McpServerConfig[]): AgentConfig => ({
  id,
  backend: { type: "lmstudio" },
  ...(servers.length === 0 ? {} : { mcp_servers: servers }),
});
const never = new AbortController().signal;

/** Servers by name; what is not among them does not start. */
function machine(servers: Readonly<Record<string, readonly string[]>>, signal = never) {
  const opened: string[] = [];
  const closed: string[] = [];
  const told: string[] = [];
  const openServer: NonNullable<Surroundings["openServer"]> = async ({ name }): Promise<McpServer> => {
    opened.push(name);
    const tools = servers[name];
    if (tools === undefined) throw new MassgenError("config", `The MCP server "${name}" is broken.`);
    return {
      name,
      tools: tools.map((tool) => ({ name: tool, source: name, inputSchema: { type: "object" }, execute: () => "" })),
      close: async () => void closed.push(name),
    };
  };
  const around = quietSurroundings({ openServer, tell: (text) => void told.push(text) });
  const open = (seats: Parameters<typeof openTools>[0]) => openTools(seats, around, signal);
  return { opened, closed, told, open };
}

const namesOf = (opened: Awaited<ReturnType<typeof openTools>>, of: AgentConfig) =>
  (opened.sources.get(of) ?? []).flatMap(({ tools }) => tools.map(({ name }) => name));

describe("the servers of a council", () => {
  it("are opened once each, and each agent gets what it chooses of them", async () => {
    const { open, opened, told } = machine({ notes: ["read", "save"], web: ["get"] });
    const notes = { name: "notes", command: "notes" };
    const one = agent("one", [notes, { name: "web", url: "http://h/" }]);
    const two = agent("two", [{ ...notes, exclude_tools: ["save"] }]);
    const three = agent("three", []);
    const found = await open([one, two, three].map((seat) => ({ agent: seat, model: model() })));
    expect(opened).toEqual(["notes", "web"]);
    expect(told).toEqual(["Starting the MCP servers notes and web", ""]);
    expect([one, two, three].map((seat) => namesOf(found, seat))).toEqual([["read", "save", "get"], ["read"], []]);
    expect(found.notices).toEqual([]);
  });

  it("that differ in anything but what is chosen of them are two", async () => {
    const { open, opened } = machine({ notes: ["read"] });
    const of = (id: string, folder: string) => ({
      agent: agent(id, [{ name: "notes", command: "notes", args: [folder] }]),
      model: model(),
    });
    await open([of("one", "/a"), of("two", "/b")]);
    expect(opened).toHaveLength(2);
  });

  it("that do not start are told of with who goes without", async () => {
    const { open } = machine({});
    const broken = { name: "broken", command: "x" };
    const { sources, notices } = await open(["one", "two"].map((id) => ({ agent: agent(id, [broken]), model: model() })));
    expect(sources.size).toBe(0);
    expect(notices).toEqual(['The MCP server "broken" is broken. one and two go on without its tools.']);
  });

  it("are not started for a model that cannot call tools", async () => {
    const { open, opened } = machine({ notes: ["read"] });
    const seat = { agent: agent("one", [{ name: "notes", command: "x" }]), model: model({ callsTools: false }) };
    expect((await open([seat])).notices).toEqual(['The model of agent "one" cannot call tools: it goes on without those of notes.']);
    expect(opened).toEqual([]);
  });

  it("with more tools than a context carries give the first of them", async () => {
    const { open } = machine({ notes: Array.from({ length: 100 }, (_, index) => `tool_${index}`) });
    const one = agent("one", [{ name: "notes", command: "x" }]);
    const found = await open([{ agent: one, model: model({ contextTokens: 1_000 }) }]);
    expect(namesOf(found, one).length).toBeGreaterThan(5);
    expect(namesOf(found, one).length).toBeLessThan(60);
    expect(found.notices).toEqual([
      expect.stringMatching(
        /^The 100 tools of the MCP server "notes" take about \d+ tokens, .*allowed_tools of the server chooses among them\.$/u,
      ),
    ]);
  });

  it("are closed again when the person gives up, or a bug shows", async () => {
    const controller = new AbortController();
    const stopped = machine({ notes: ["read"] }, controller.signal);
    controller.abort(new Error("stopped"));
    const seats = [{ agent: agent("one", [{ name: "notes", command: "x" }]), model: model() }];
    await expect(stopped.open(seats)).rejects.toThrow("stopped");
    expect(stopped.closed).toEqual(["notes"]);
    const around = quietSurroundings({
      openServer: async () => {
        throw new TypeError("a bug");
      },
    });
    await expect(openTools(seats, around, never)).rejects.toThrow("a bug");
  });

  it("are left alone where nothing is to be started", async () => {
    const { sources, notices } = await openTools(
      [{ agent: agent("one", [{ name: "notes", command: "x" }]), model: model() }],
      quietSurroundings(),
      never,
    );
    expect([...sources, ...notices]).toEqual([]);
  });
});
