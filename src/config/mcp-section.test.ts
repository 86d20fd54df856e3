import { describe, expect, it } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { readConfig } from "./load-config.ts";
import { definitionOf } from "./mcp-section.ts";
import { readSetup, setupOf } from "./setup.ts";

const read = (text: string, environment = {}) => readConfig("council.yaml", text, environment);
const serversOf = (text: string, environment = {}) => read(text, environment).agents.map(({ mcp_servers: servers }) => servers ?? []);
const errorsOf = (text: string): string => {
  try {
    read(text);
    return "";
  } catch (error) {
    return error instanceof MassgenError ? error.message : String(error);
  }
};

const agent = (more: string): string => `agent:\n  id: one\n  backend: { type: lmstudio, model: qwen }\n${more}`;

describe("mcp_servers", () => {
  it("stand with the agent, inside its backend and at the top; the nearest goes first", () => {
    const [servers] = serversOf(`
agents:
  - id: one
    backend:
      type: lmstudio
      model: qwen
      mcp_servers: { b: { command: in-backend }, c: { command: in-backend } }
    mcp_servers:
      - { name: a, command: of-agent }
      - { name: b, command: of-agent }
mcp_servers:
  c: { command: for-all }
  d: { command: for-all }
`);
    expect(servers?.map(({ name, command }) => `${name} ${command}`)).toEqual(["a of-agent", "b of-agent", "c in-backend", "d for-all"]);
  });

  it("are read as other programs write them", () => {
    const [servers] = serversOf(
      agent(`  mcp_servers:
    files: { command: npx, args: ["-y", server, 7], env: { PORT: 80, TOKEN: "\${TOKEN}" }, cwd: /tmp, description: Files, disabled: false }
    off: { command: npx, disabled: true }
    web: { type: streamable-http, url: "https://example.com/mcp", headers: { Authorization: "Bearer x" } }
    old: { type: sse, url: "https://example.com/sse" }
    line: { command: "uvx some-server --fast" }
`),
      { TOKEN: "secret-token" },
    );
    expect(servers?.map((server) => definitionOf(server).connection)).toEqual([
      { type: "stdio", command: "npx", args: ["-y", "server", "7"], env: { PORT: "80", TOKEN: "secret-token" }, cwd: "/tmp" },
      { type: "http", url: "https://example.com/mcp", headers: { Authorization: "Bearer x" } },
      { type: "sse", url: "https://example.com/sse", headers: {} },
      { type: "stdio", command: "uvx", args: ["some-server", "--fast"], env: {} },
    ]);
  });

  it("choose among their tools; what the backend chooses holds for all of them", () => {
    const [servers] = serversOf(`
agent:
  backend:
    type: lmstudio
    model: qwen
    allowed_tools: [mcp__files__read, mcp__web__get, list]
    exclude_tools: [web__post]
    mcp_servers:
      files: { command: a, allowed_tools: [read, write], read_only_tools: read, writes: yes, startup_timeout: 5s }
      web: { command: b }
`);
    expect(servers?.map((server) => definitionOf(server))).toMatchObject([
      { startMs: 5_000, tools: { allowed: ["read"], excluded: [], readOnly: ["read"], writes: true } },
      { startMs: 60_000, tools: { allowed: ["get", "list"], excluded: ["post"] } },
    ]);
  });

  it.each([
    ["agent", "\nagent: { backend: BACKEND, mcp_servers: { a: { command: x } } }", 0],
    ["config", "\nagent: { backend: BACKEND }\nmcp_servers: { a: { command: x } }", 0],
    ["nobody", "\nagent: { backend: BACKEND }", 1],
  ])("are chosen among by the backend also where they are those of the %s", (_, text, warnings) => {
    const config = read(text.replace("BACKEND", "{ type: lmstudio, model: qwen, allowed_tools: [read] }"));
    expect(config.warnings).toHaveLength(warnings);
    expect(config.agents.map(({ mcp_servers: servers = [] }) => servers.map((each) => each.allowed_tools))).toEqual([
      warnings === 0 ? [["read"]] : [],
    ]);
  });

  it.each([
    ["  mcp_servers: 7\n", 'council.yaml:4:16: mcp_servers of agent "one" must be a list of servers, or a mapping of them by name.'],
    ["  mcp_servers: [7]\n", 'council.yaml:4:17: An MCP server of agent "one" must be a mapping with command or url.'],
    ["  mcp_servers: [{ command: a }]\n", 'council.yaml:4:17: name of MCP server "?" must be text'],
    ["  mcp_servers: { a: { comand: x } }\n", 'council.yaml:4:23: comand of MCP server "a" is not known (did you mean "command"?).'],
    ["  mcp_servers: { a: { cwd: x } }\n", 'MCP server "a" of agent "one" needs command (a program to start) or url (where it listens).'],
    ['  mcp_servers: { a: { command: x, url: "http://h" } }\n', "has both command and url; it has one of them."],
    ['  mcp_servers: { a: { type: stdio, url: "http://h" } }\n', "is of type stdio and needs command."],
    ["  mcp_servers: { a: { type: http, command: x } }\n", "is of type http and needs url."],
    ["  mcp_servers: { a: { url: example.com } }\n", 'url of MCP server "a" must be an address that begins with http:// or https://.'],
    [
      "  mcp_servers: { a: { command: x, type: pipe } }\n",
      'type of MCP server "a" must be one of stdio, http, streamable-http, streamable_http, sse',
    ],
    ["  mcp_servers: [{ name: a, command: x }, { name: a, command: y }]\n", 'Two MCP servers of agent "one" are called "a".'],
  ])("%s is told of with its place", (text, sentence) => {
    expect(errorsOf(agent(text))).toContain(sentence);
  });

  it("keep what is secret of them out of everything that is shown", () => {
    const { secrets } = read(
      agent(`  mcp_servers:
    a: { command: x, env: { API_KEY: key-of-a-4711, PLAIN: not-secret-at-all } }
    b: { url: "https://h/mcp?token=token-in-url-1", headers: { Authorization: "Bearer bearer-of-b-12" } }
`),
    );
    expect(secrets.toSorted()).toEqual(["Bearer bearer-of-b-12", "bearer-of-b-12", "key-of-a-4711", "token-in-url-1"]);
  });

  it("are recorded for a resumption without what is secret of them", () => {
    const { agents } = read(
      agent(`  mcp_servers: { a: { command: x, env: { API_KEY: key-of-a-4711 }, startup_timeout: 5s, writes: true } }\n`),
    );
    const recorded = JSON.parse(JSON.stringify(setupOf(agents, {}))) as unknown;
    expect(JSON.stringify(recorded)).not.toContain("4711");
    expect(readSetup(recorded).agents[0]?.mcp_servers).toEqual([{ name: "a", command: "x", startup_timeout: 5_000, writes: true }]);
  });

  it("stay where Gemini takes either its own tools or others in one request", () => {
    const text = (more: string) => `agent:\n  id: one\n  backend: { type: gemini, ${more} mcp_servers: { a: { command: x } } }\n`;
    const { agents, warnings } = read(text("enable_web_search: true,"));
    expect(warnings).toEqual([
      'council.yaml:3:28: enable_web_search of agent "one" is left out: gemini takes either its own tools or those of mcp_servers in one request.',
    ]);
    expect(agents).toMatchObject([{ backend: { enable_web_search: false }, mcp_servers: [{ name: "a" }] }]);
    expect(read(text("")).warnings).toEqual([]);
  });
});
