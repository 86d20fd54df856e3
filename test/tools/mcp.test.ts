import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchModel } from "../../src/models/http/dispatcher.ts";
import type { Fetch } from "../../src/tools/mcp/bounded-fetch.ts";
import { type McpServer, openMcpServer } from "../../src/tools/mcp/open-mcp-server.ts";
import type { McpConnection } from "../../src/tools/mcp/server-definition.ts";
import { isAlive } from "./is-alive.ts";
import { startSseServer } from "./mcp-sse.ts";
import { startHttpServer, startPage, type HttpServer } from "./mcp-http.ts";

const program = fileURLToPath(new URL("mcp-stdio.ts", import.meta.url));
const stdio = (args: readonly string[] = [], more: object = {}): McpConnection => ({
  type: "stdio",
  command: process.execPath,
  args: [program, ...args],
  env: {},
  ...more,
});
const never = new AbortController().signal;

function open(connection: McpConnection, startMs = 20_000, signal = never): Promise<McpServer> {
  return openMcpServer({ name: "test", connection, startMs }, { fetch: fetchModel as Fetch, version: "0" }, signal);
}

async function call(server: McpServer, name: string, input: object = {}, signal = never): Promise<unknown> {
  const tool = server.tools.find((tool) => tool.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool.execute({ ...input }, { signal });
}

const servers = { stdio: () => open(stdio()), http: async () => open({ type: "http", url: http.url, headers: {} }) };
let http: HttpServer;
beforeAll(async () => void (http = await startHttpServer()));
afterAll(() => http.close());

describe.each(["stdio", "http"] as const)("a server over %s", (kind) => {
  let server: McpServer;
  beforeAll(async () => void (server = await servers[kind]()));
  afterAll(() => server.close());

  it("offers its tools, and says which only read", () => {
    const tools = server.tools.map(({ name, readOnly, source }) => ({ name, readOnly, source }));
    expect(tools).toContainEqual({ name: "echo", readOnly: true, source: "test" });
    expect(tools).toContainEqual({ name: "save", readOnly: false, source: "test" });
    expect(server.tools[0]).toMatchObject({ description: "Says it again.", inputSchema: { required: ["text"] } });
  });

  it("does what it is asked for", async () => {
    expect(await call(server, "echo", { text: "hello" })).toBe("echo: hello");
  });

  it("says why it did not", async () => {
    await expect(call(server, "fail")).rejects.toThrow("there is no such page");
    await expect(call(server, "echo", { text: 7 })).rejects.toThrow(/text/u);
  });

  it("what is no text is named with its size", async () => {
    expect(await call(server, "picture")).toBe("A dot:\n[An image (image/png, 1 KB) is left out: only text can be shown here.]\na dot");
  });

  it("is given up at once when nobody waits any more, and answers the next call", async () => {
    const controller = new AbortController();
    const hanging = call(server, "hang", {}, controller.signal);
    controller.abort();
    await expect(hanging).rejects.toThrow(/abort/iu);
    expect(await call(server, "echo", { text: "again" })).toBe("echo: again");
  });
});

describe("a server that is a program", () => {
  it("gets what its definition names and what every program needs, and no key of ours", async () => {
    process.env["OPENAI_API_KEY"] = "canary-in-the-environment";
    const server = await open(stdio([], { env: { NOTES: "here" } }));
    const environment = String(await call(server, "environment"));
    await server.close();
    delete process.env["OPENAI_API_KEY"];
    expect(environment).toContain('"NOTES":"here"');
    expect(environment).toContain('"PATH"');
    expect(environment).not.toContain("canary");
  });

  it("that crashes takes its tools with it, in a sentence", async () => {
    const server = await open(stdio());
    const gone = 'the MCP server "test" ended with code 3; its tools are gone';
    await expect(call(server, "crash")).rejects.toThrow(gone);
    await expect(call(server, "echo", { text: "still there?" })).rejects.toThrow(gone);
    await server.close();
  });

  it("may say megabytes, but not without end", async () => {
    const server = await open(stdio());
    expect(String(await call(server, "megabytes", { count: 3 }))).toHaveLength(3 * 1024 * 1024);
    await expect(call(server, "megabytes", { count: 9 })).rejects.toThrow("sent more than 8 MB at once and was ended");
    await server.close();
  });

  it.each([
    [
      "is not there",
      { command: "no-such-program-4711" },
      'The MCP server "test" could not be started: there is no command "no-such-program-4711".',
    ],
    ["has no folder", { cwd: "/no/such/folder" }, 'The MCP server "test" could not be started: there is no folder /no/such/folder.'],
    ["may not be run", { command: program }, `The MCP server "test" could not be started: "${program}" may not be run.`],
    ["refuses to start", { args: [program, "refuses"] }, 'The MCP server "test" ended with code 2: Error: no folder was given.'],
    ["says nothing", { args: [program, "silent"] }, 'The MCP server "test" gave no answer within 1 seconds.'],
  ])("that %s is told of in a sentence", async (_, more, sentence) => {
    await expect(open(stdio([], more), 1_000)).rejects.toMatchObject({ code: "config", message: sentence });
  });

  it("is not waited for any more when its run is stopped", async () => {
    const controller = new AbortController();
    const opening = open(stdio(["silent"]), 20_000, controller.signal);
    controller.abort(new Error("stopped"));
    await expect(opening).rejects.toThrow("stopped");
  });

  it("is ended with all that it has started, however stubborn", async () => {
    const server = await open(stdio(["launcher"]));
    const pid = Number(await call(server, "process"));
    expect(isAlive(pid)).toBe(true);
    await server.close();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

describe("a server at an address", () => {
  it("gets the headers of its definition", async () => {
    const guarded = await startHttpServer("secret-4711");
    const server = await open({ type: "http", url: guarded.url, headers: { authorization: "Bearer secret-4711" } });
    expect(await call(server, "echo", { text: "hello" })).toBe("echo: hello");
    await expect(open({ type: "http", url: guarded.url, headers: {} })).rejects.toThrow('The MCP server "test" refuses us (status 401)');
    await server.close();
    await guarded.close();
  });

  it("may say megabytes, but not without end", async () => {
    const server = await servers.http();
    await expect(call(server, "megabytes", { count: 9 })).rejects.toThrow("its server sent more than 8 MB at once");
    expect(await call(server, "echo", { text: "hello" })).toBe("echo: hello");
    await server.close();
  });

  it.each(["http", "sse"] as const)("of the old kind is found by type %s", async (type) => {
    const old = await startSseServer();
    const server = await open({ type, url: old.url, headers: { authorization: "Bearer secret-4711" } });
    expect(await call(server, "echo")).toBe("as of old");
    expect(old.headers.every(({ authorization }) => authorization === "Bearer secret-4711")).toBe(true);
    await server.close();
    await old.close();
  });

  it("that sends us to another host is not followed there: its headers are not for others", async () => {
    const other = await startHttpServer();
    const page = await startPage(307, other.url);
    const headers = { authorization: "Bearer secret-4711" };
    await expect(open({ type: "http", url: page.url, headers })).rejects.toThrow("to another address: name that one in url.");
    expect(other.headers).toEqual([]);
    await page.close();
    await other.close();
  });

  it("that is something else is told of", async () => {
    const page = await startPage(404);
    await expect(open({ type: "http", url: `${page.url}?token=1`, headers: {} })).rejects.toThrow(
      `The MCP server "test" is not at ${page.url} (status 404).`,
    );
    await page.close();
  });

  it("where nothing listens is told of", async () => {
    const closed = await startHttpServer();
    await closed.close();
    await expect(open({ type: "http", url: closed.url, headers: {} })).rejects.toThrow(
      /cannot be reached: nothing listens at http:\/\/127/u,
    );
  });
});
