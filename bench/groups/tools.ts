import { fileURLToPath } from "node:url";
import { createCouncil, openMcpServer, type Tool, type ToolSource } from "../../src/library/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { defineTool } from "../../src/tools/define-tool.ts";
import type { Row } from "../rows.ts";

const CALLS = 25;
const RUNS = 9;
const GOAL = { atMost: 5 };
const SERVER = fileURLToPath(new URL("../../test/tools/mcp-stdio.ts", import.meta.url));

/** What a call of a tool adds to a run: from the reply that calls it to the next request, with everything between; the model takes no time. */
export async function measureTools(): Promise<readonly Row[]> {
  const text = (characters: number): Tool =>
    defineTool({ name: "echo", readOnly: true, inputSchema: { type: "object" }, execute: () => "word ".repeat(characters / 5) });
  const server = await openMcpServer({ name: "test", command: process.execPath, args: [SERVER] });
  const rows: readonly Row[] = [
    { what: "a function", value: await callMs(text(50)), unit: "ms", goal: GOAL },
    { what: "a function that gives 100,000 characters", value: await callMs(text(100_000)), unit: "ms", goal: GOAL },
    { what: "a tool of an MCP server over stdio", value: await callMs(server), unit: "ms", note: "the server's own time counted" },
  ];
  await server.close();
  return rows;
}

/** The median of some runs, each with as many calls as an answer may have, one after the other. */
async function callMs(tool: Tool | ToolSource): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push((await runMs(tool, CALLS)) - (await runMs(tool, 0)));
  return (times.sort((one, other) => one - other)[Math.floor(RUNS / 2)] ?? 0) / CALLS;
}

async function runMs(tool: Tool | ToolSource, calls: number): Promise<number> {
  const { model } = scriptedModel("bench", (_, index) =>
    index < calls ? { toolCalls: [{ name: "echo", input: { text: `call ${index}` } }] } : "Done.",
  );
  const council = createCouncil({
    seats: [{ model, tools: ["close" in tool ? { ...tool, close: async () => {} } : tool] }],
    settings: { bounds: { runTokens: 10_000_000 } },
  });
  const begun = performance.now();
  const { answer } = await council.ask("Why?").result;
  const took = performance.now() - begun;
  await council.close();
  if (answer !== "Done.") throw new Error(`the run ended with ${answer}`);
  return took;
}
