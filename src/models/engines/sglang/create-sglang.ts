import { APICallError } from "@ai-sdk/provider";
import type { RequestInit, Response } from "undici";
import { openAiModel } from "../../backends/chatcompletion/open-ai-model.ts";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import { isWebPage } from "../../server-said.ts";
import { smallerContext } from "../context-of.ts";
import { type EngineServer, engineServer, quietly } from "../engine-server.ts";
import type { Engine, EngineAddress, EngineModel, Probe } from "../engine.ts";
import { opensLate } from "../opens-late.ts";
import { probeEngine } from "../probe-engine.ts";
import { text } from "../sourced.ts";
import { thinkingOff } from "../thinking-off.ts";
import { sglangModels } from "./sglang-models.ts";

const KIND = "sglang";
/** Calls at once where it does not tell: it takes what fits into its memory, and the rest wait inside. */
const USUAL_CALLS = 256;

/** A SGLang server: one model in memory from start to end, its calls batched, its cache shared by prefix. */
export function createSglang(address: EngineAddress): Engine {
  const server = engineServer("SGLang", address);
  return {
    kind: KIND,
    name: server.name,
    origin: server.origin,
    probe: async (signal) => opensLate(await probeEngine(server, (within) => check(server, within), signal), "SGLang", server),
    models: (signal) => models(server, signal),
    slots: async (model) => ({ slots: model.slots ?? { value: USUAL_CALLS, source: "it tells no limit" }, sharing: "blocks" }),
    advice: (signal) => advice(server, signal),
    contextOf: smallerContext,
    loadsUnasked: false,
    rungs: ({ tools }) => (tools?.value === true ? ["schema", "tool", "text"] : ["schema", "text"]),
    languageModel: (model) =>
      openAiModel({
        provider: KIND,
        model,
        baseUrl: `${server.origin}/v1`,
        fetch: namingItsStart,
        apiKey: address.apiKey,
      }),
    providerOptions: (_model, { topK, body = {} }) => ({
      always: { [KIND]: { ...(topK === undefined ? {} : { top_k: topK }), ...body } },
      ballot: { [KIND]: { separate_reasoning: true, ...thinkingOff(body) } },
    }),
  };
}

/** Never by `/health`, which generates a token and takes a second. */
async function check(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  try {
    const [about, info] = await Promise.all([server.get("/get_model_info", signal), serverInfo(server, signal)]);
    if (!isJson(about) || !("is_generation" in about || "model_path" in about)) return undefined;
    const version = text(info.version);
    return { type: "ready", ...(version === undefined ? {} : { version }) };
  } catch (error) {
    if (isStarting(error)) return { type: "loading" };
    throw error;
  }
}

/** While it starts it answers 503 without a word: a call then waits as one does for a model that is being loaded. */
async function namingItsStart(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const response = await fetchModel(url, init);
  if (response.status !== 503) return response;
  const said = await response.text();
  const { Response } = await import("undici");
  const { status, headers } = response;
  return new Response(said.trim() === "" ? JSON.stringify({ message: "Loading model" }) : said, { status, headers });
}

/** A bare 503 is its own; one with a page is that of a proxy. */
function isStarting(error: unknown): boolean {
  return APICallError.isInstance(error) && error.statusCode === 503 && !isWebPage(error.responseBody ?? "");
}

/** All it was started with, keys included: only what is named is ever looked at. */
async function serverInfo(server: EngineServer, signal: AbortSignal): Promise<Json> {
  const info = await quietly(server.get("/get_server_info", signal));
  return isJson(info) ? info : {};
}

async function models(server: EngineServer, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const [list, info, about] = await Promise.all([
    server.get("/v1/models", signal),
    serverInfo(server, signal),
    quietly(server.get("/get_model_info", signal)),
  ]);
  return sglangModels(list, info, isJson(about) ? about : {});
}

async function advice(server: EngineServer, signal: AbortSignal): Promise<readonly string[]> {
  const info = await serverInfo(server, signal);
  const isOff = (field: string): boolean => info[field] === null || info[field] === false;
  return [
    ...(isOff("tool_call_parser") ? ["It cannot read tool calls, so decisions go by schema or text: add --tool-call-parser NAME."] : []),
    ...(isOff("reasoning_parser") ? ["If its model thinks, its thoughts arrive as part of its answers: add --reasoning-parser NAME."] : []),
    ...(isOff("enable_cache_report") ? ["It does not tell how much of a prompt it had in its cache: add --enable-cache-report."] : []),
    ...(info.allow_auto_truncate === true
      ? ["It cuts prompts that are too long without a word: leave --allow-auto-truncate out, so that nothing is lost unseen."]
      : []),
  ];
}
