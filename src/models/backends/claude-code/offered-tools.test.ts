import { expect, test } from "vitest";
import { offeredTools, ourName } from "./offered-tools.ts";

const look = { type: "function", name: "look_up", description: "Looks.", inputSchema: { type: "object" } } as const;

test("there is no server where nothing of ours is offered", () => {
  expect(offeredTools()).toEqual({});
  expect(offeredTools([{ type: "provider", id: "a.b", name: "b", args: {} }])).toEqual({});
});

test("a tool of ours is told from the program's own", () => {
  expect([ourName("mcp__massgen__look_up"), ourName("mcp__other__look_up"), ourName("Read")]).toEqual(["look_up", undefined, undefined]);
});

test("the server lists tools, answers what it must, and leaves calls to the run", async () => {
  const sent: object[] = [];
  const transport = {
    onmessage: (_message: object): void => undefined,
    start: async () => undefined,
    send: async (message: object) => void sent.push(message),
  };
  const [server] = Object.values(offeredTools([look]));
  if (server === undefined) throw new Error("no server");
  await (server.instance as unknown as { connect(to: typeof transport): Promise<void> }).connect(transport);
  for (const message of [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18" } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/list" },
    { id: 3, method: "ping" },
    { id: 4, method: "tools/call", params: { name: "look_up" } },
    { id: 5, method: "resources/list" },
  ])
    transport.onmessage(message);
  expect(sent).toMatchObject([
    { jsonrpc: "2.0", id: 1, result: { protocolVersion: "2025-06-18", capabilities: { tools: {} } } },
    { id: 2, result: { tools: [{ name: "look_up", description: "Looks.", inputSchema: { type: "object" } }] } },
    { id: 3, result: {} },
    { id: 5, error: { code: -32_601 } },
  ]);
});
