import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import type { McpSdkServerConfigWithInstance } from "@anthropic-ai/claude-agent-sdk";

/** Under which the program knows tools of ours: `mcp__massgen__read`. */
const SERVER = "massgen";
const PREFIX = `mcp__${SERVER}__`;

/** The name by which we know a tool of ours; undefined for the program's own. */
export function ourName(tool: string): string | undefined {
  return tool.startsWith(PREFIX) ? tool.slice(PREFIX.length) : undefined;
}

/**
 * Offers tools of ours to the program, which takes tools from MCP servers alone. This one only lists them: a call of one ends the program's
 * work, as it ends every model's reply, and what came of it is in the conversation of the next call.
 */
export function offeredTools(tools: LanguageModelV4CallOptions["tools"] = []): Readonly<Record<string, McpSdkServerConfigWithInstance>> {
  const ours = tools.filter((tool) => tool.type === "function");
  if (ours.length === 0) return {};
  const instance = {
    async connect(transport: Transport) {
      const onmessage = (message: Message): void => {
        const reply = replyTo(message, ours);
        if (reply !== undefined) void transport.send({ jsonrpc: "2.0", id: message.id, ...reply });
      };
      Object.assign(transport, { onmessage });
      await transport.start();
    },
    close: async () => undefined,
  };
  return { [SERVER]: { type: "sdk", name: SERVER, instance: instance as unknown as McpSdkServerConfigWithInstance["instance"] } };
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

interface Transport {
  start(): Promise<void>;
  send(message: object): Promise<void>;
}

function replyTo({ id, method, params }: Message, tools: readonly LanguageModelV4FunctionTool[]): object | undefined {
  // What wants no answer, and the call that ends the work.
  if (id === undefined || method === undefined || method === "tools/call") return undefined;
  if (method === "initialize") {
    const capabilities = { tools: {} };
    return { result: { protocolVersion: params?.protocolVersion, capabilities, serverInfo: { name: SERVER, version: "1" } } };
  }
  if (method === "tools/list") {
    return { result: { tools: tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })) } };
  }
  return method === "ping" ? { result: {} } : { error: { code: -32_601, message: `There is no ${method} here.` } };
}
