import { APICallError } from "@ai-sdk/provider";
import { type EngineServer, quietly } from "../engine-server.ts";
import { PROBE_MS } from "../engine.ts";

const NAME = "ballot";

/**
 * Whether vLLM was started so that tools can be called, which it tells nowhere. Asked for a call in no tokens it refuses in any case and
 * computes nothing: for the tool where it has no parser, else for the number of tokens. Undefined where it says something else.
 */
export async function toolsEnabled(server: EngineServer, model: string, signal: AbortSignal): Promise<boolean | undefined> {
  const said = await quietly(refusalOf(server, model, AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])));
  if (said === undefined) return undefined;
  if (said.includes("--tool-call-parser")) return false;
  return said.includes("max_tokens") ? true : undefined;
}

async function refusalOf(server: EngineServer, model: string, signal: AbortSignal): Promise<string | undefined> {
  const tools = [{ type: "function", function: { name: NAME, parameters: { type: "object", properties: {} } } }];
  const body = {
    model,
    messages: [{ role: "user", content: "-" }],
    tools,
    tool_choice: { type: "function", function: { name: NAME } },
    max_tokens: 0,
  };
  try {
    await server.post("/v1/chat/completions", body, signal);
    return undefined;
  } catch (error) {
    return APICallError.isInstance(error) && error.statusCode === 400 ? error.responseBody : undefined;
  }
}
