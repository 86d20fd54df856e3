import type { JSONObject } from "@ai-sdk/provider";
import { isJson } from "../../backends/chatcompletion/wire.ts";
import { onlyChosenTool, openAiModel } from "../../backends/chatcompletion/open-ai-model.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { createSingleFlight } from "../../single-flight.ts";
import type { LoadProgress } from "../../model.ts";
import type { Engine, EngineAddress, EngineModel, Probe, Slots } from "../engine.ts";
import { smallerContext } from "../context-of.ts";
import { type EngineServer, engineServer, quietly } from "../engine-server.ts";
import { openAiMessages } from "../open-ai-messages.ts";
import { probeEngine } from "../probe-engine.ts";
import { count, text } from "../sourced.ts";
import { callsAsText } from "./calls-as-text.ts";
import { labelledGrammar } from "./labelled-grammar.ts";
import { thinkingOffOf, withThought } from "./thinking-off.ts";
import { busySlots, whenFreed } from "./when-freed.ts";
import { llamaCppModels, isRouted } from "./llamacpp-models.ts";
import { loadRouted } from "./load-routed.ts";

const KIND = "llamacpp";
/** What it takes by itself where nobody told it how many. */
const USUAL_SLOTS = 4;

const loads = createSingleFlight<LoadProgress>();

/** A `llama-server` of llama.cpp, with one model or as a router of many. */
export function createLlamaCpp(address: EngineAddress): Engine {
  const server = engineServer("llama.cpp", address);
  return {
    kind: KIND,
    name: server.name,
    origin: server.origin,
    probe: (signal) => probeEngine(server, (within) => check(server, within), signal),
    models: (signal) => models(server, signal),
    slots: async (model) => slotsOf(model),
    advice: (signal) => advice(server, signal),
    contextOf: smallerContext,
    loadsUnasked: true,
    load: (model, _options, signal) => loads.join(`${server.origin} ${model}`, (report) => loadRouted(server, model, report), signal),
    unload: async (model, signal) => {
      await server.post("/models/unload", { model }, signal);
    },
    countTokens: async (model, messages, signal) => {
      const counted = await server.post(
        "/v1/chat/completions/input_tokens",
        callsAsText({ model, messages: openAiMessages(messages) }),
        signal,
      );
      const tokens = isJson(counted) ? count(counted.input_tokens) : undefined;
      if (tokens === undefined) throw answeredBadly(`${server.origin}/v1/chat/completions/input_tokens`, counted);
      return tokens;
    },
    busy: async (signal) => busySlots(await quietly(server.get("/slots", signal))),
    freed: (running) => whenFreed(server, running),
    // A tool call is free text until the model begins one, and templates without tools ignore them; a schema holds but for a few.
    rungs: ({ obeysSchema }) => (obeysSchema?.value === false ? ["text"] : ["schema", "text"]),
    languageModel: (model) =>
      openAiModel({
        provider: KIND,
        model,
        baseUrl: `${server.origin}/v1`,
        transformBody: (body) => withThought(isOffering(body) ? onlyChosenTool(body) : callsAsText(body)),
        apiKey: address.apiKey,
      }),
    providerOptions: (model, { topK, body = {} }) => ({
      always: { [KIND]: { cache_prompt: true, return_progress: true, ...(topK === undefined ? {} : { top_k: topK }), ...body } },
      ballot: { [KIND]: thinkingOff(model, body) },
      labelled: (choices) => ({ [KIND]: { ...thinkingOff(model, body), grammar: labelledGrammar(choices) } }),
    }),
  };
}

function isOffering({ tools }: Record<string, unknown>): boolean {
  return Array.isArray(tools) && tools.length > 0;
}

/** Where nothing could be found out, the usual switch is tried: a template that does not know it ignores it. */
function thinkingOff({ thinkingOff: found, reasoning }: EngineModel, body: Readonly<Record<string, unknown>>): JSONObject {
  const off = found?.value ?? (reasoning?.value === false ? {} : { chat_template_kwargs: { enable_thinking: false } });
  const configured = isJson(body.chat_template_kwargs) ? body.chat_template_kwargs : {};
  const switched = isJson(off.chat_template_kwargs) ? { chat_template_kwargs: { ...configured, ...off.chat_template_kwargs } } : {};
  return { ...off, ...switched } as JSONObject;
}

/** While it loads its model it answers 503 on every path, which `get` throws and `probeEngine` reads. */
async function check(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  const [props, list] = await Promise.all([quietly(server.get("/props", signal)), server.get("/v1/models", signal)]);
  const isIt = isJson(props) && ("total_slots" in props || "default_generation_settings" in props);
  const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
  if (!isIt && !entries.some((entry) => entry.owned_by === KIND || isRouted(entry))) return undefined;
  const version = isJson(props) && typeof props.build_info === "string" ? props.build_info : undefined;
  return { type: "ready", ...(version === undefined ? {} : { version }) };
}

async function models(server: EngineServer, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const [list, props] = await Promise.all([server.get("/v1/models", signal), quietly(server.get("/props", signal))]);
  const found = llamaCppModels(list, props);
  const template = isJson(props) ? text(props.chat_template) : undefined;
  // A router tells nothing of the templates of its models.
  const [only] = found;
  if (only === undefined || found.length > 1 || template === undefined) return found;
  return [{ ...only, ...(await thinkingOffOf(server, template, signal)) }];
}

/** Whether slots share one context cannot be read anywhere, so calls are held to what is true in both cases. */
function slotsOf({ slots, contextLoaded }: EngineModel): Slots {
  return {
    slots: slots ?? { value: USUAL_SLOTS, source: "its default" },
    ...(contextLoaded === undefined
      ? {}
      : { poolTokens: { value: contextLoaded.value, source: `${contextLoaded.source}, which slots may share` } }),
    sharing: "slot",
  };
}

async function advice(server: EngineServer, signal: AbortSignal): Promise<readonly string[]> {
  const [slots, props] = await Promise.all([quietly(server.get("/slots", signal)), quietly(server.get("/props", signal))]);
  const total = isJson(props) ? props.total_slots : undefined;
  return [
    ...(Array.isArray(slots)
      ? []
      : ["It does not tell what its slots do: leave --no-slots out, so that a cancelled call is waited for exactly."]),
    ...(total === 1 ? ["It has one slot, so drafts are written one after the other: --parallel 3 lets three agents draft at once."] : []),
  ];
}
