import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

/** A real MCP server with one tool for each way a tool can behave. */
export function testServer(): McpServer {
  const server = new McpServer({ name: "test", version: "1.0.0" });
  const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] });
  const readOnly = { annotations: { readOnlyHint: true } };
  const inputSchema = z.object({ text: z.string() });
  server.registerTool("echo", { description: "Says it again.", inputSchema, ...readOnly }, ({ text: said }) => text(`echo: ${said}`));
  server.registerTool("save", { description: "Writes it down.", inputSchema }, ({ text: said }) => text(`saved ${said}`));
  server.registerTool("environment", readOnly, () => text(JSON.stringify(process.env)));
  server.registerTool("process", readOnly, () => text(String(process.pid)));
  server.registerTool("fail", readOnly, () => ({ ...text("there is no such page"), isError: true }));
  server.registerTool("crash", readOnly, () => process.exit(3));
  server.registerTool("hang", readOnly, () => new Promise<never>(() => {}));
  server.registerTool("megabytes", { inputSchema: z.object({ count: z.number() }), ...readOnly }, ({ count }) =>
    text("0123456789abcde\n".repeat(count * 65_536)),
  );
  server.registerTool("picture", readOnly, () => ({
    content: [
      { type: "text", text: "A dot:" },
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "resource", resource: { uri: "file:///dot.txt", text: "a dot" } },
    ],
  }));
  return server;
}
