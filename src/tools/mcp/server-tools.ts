import type { Tool } from "../tool.ts";
import type { Connected } from "./connect.ts";
import { resultText } from "./result-text.ts";
import { LONGEST_TIMEOUT_MS, type ToolChoice } from "./server-definition.ts";

/** All tools of a server. Each says why it failed; also that the server is gone. */
export async function serverTools(server: string, { client, end, trouble }: Connected, signal: AbortSignal): Promise<readonly Tool[]> {
  if (client.getServerCapabilities()?.tools === undefined) return [];
  const { tools } = await client.listTools(undefined, { signal, timeout: LONGEST_TIMEOUT_MS });
  return tools.map(({ name, description, inputSchema, annotations }) => ({
    name,
    source: server,
    ...(description === undefined ? {} : { description }),
    inputSchema,
    readOnly: annotations?.readOnlyHint === true,
    async execute(input, context) {
      const signal = trouble === undefined ? context.signal : AbortSignal.any([context.signal, trouble()]);
      const call = client.callTool({ name, arguments: { ...input } }, { signal, timeout: LONGEST_TIMEOUT_MS });
      const result = await call.catch((error: unknown) => {
        throw failure(error, server, end());
      });
      if (result.isError === true) throw new Error(resultText(result));
      return resultText(result);
    },
  }));
}

function failure(error: unknown, server: string, end: string | undefined): Error {
  if (end !== undefined) return new Error(`the MCP server "${server}" ${end}; its tools are gone`, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

/** The tools of a server that a choice takes, with what it says of them. */
export function chosenTools(tools: readonly Tool[], { allowed, excluded = [], readOnly = [], writes }: ToolChoice): readonly Tool[] {
  return tools
    .filter(({ name }) => (allowed?.includes(name) ?? true) && !excluded.includes(name))
    .map((tool) => ({
      ...tool,
      readOnly: tool.readOnly === true || readOnly.includes(tool.name),
      ...(writes === true ? { allowed: true } : {}),
    }));
}

/** Names in a choice that no tool of the server has. */
export function namesNobodyHas(tools: readonly Tool[], { allowed = [], excluded = [], readOnly = [] }: ToolChoice): readonly string[] {
  const known = new Set(tools.map(({ name }) => name));
  return [...new Set([...allowed, ...excluded, ...readOnly])].filter((name) => !known.has(name));
}
