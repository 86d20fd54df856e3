import { CHARACTERS_PER_TOKEN } from "../../../core/bounds.ts";
import { isJson } from "../../backends/chatcompletion/wire.ts";
import { openAiModel } from "../../backends/chatcompletion/open-ai-model.ts";
import type { LoadProgress } from "../../model.ts";
import { createSingleFlight } from "../../single-flight.ts";
import type { Engine, EngineAddress, LoadOptions, Probe } from "../engine.ts";
import { type EngineServer, engineServer } from "../engine-server.ts";
import { probeEngine } from "../probe-engine.ts";
import { text } from "../sourced.ts";
import { createAbandonedPrompts } from "./abandoned-prompts.ts";
import { adviceFor } from "./advice.ts";
import { type CallSpeeds, createCallSpeeds } from "./call-speeds.ts";
import { chatFetch } from "./chat-fetch.ts";
import { loadModel, unloadModel } from "./load-model.ts";
import { ollamaModels } from "./ollama-models.ts";
import { pullModel } from "./pull-model.ts";
import { roomyContext } from "./roomy-context.ts";
import { unknownModel } from "./unknown-model.ts";

const KIND = "ollama";

/** What all agents of one model share. */
interface Shared {
  contextTokens: number | undefined;
  readonly speeds: CallSpeeds;
}

const loads = createSingleFlight<LoadProgress>();

/**
 * An Ollama by its native API. Every call of a model asks for the same context, the largest that any of its agents wants: another one would
 * make Ollama read the model into memory again.
 */
export function createOllama(address: EngineAddress): Engine {
  const server = engineServer("Ollama", address);
  const models = new Map<string, Shared>();
  const abandoned = createAbandonedPrompts();
  const sharedBy = (model: string): Shared => {
    const shared = models.get(model) ?? { contextTokens: undefined, speeds: createCallSpeeds() };
    models.set(model, shared);
    return shared;
  };
  const load = (model: string, options: LoadOptions, signal: AbortSignal): AsyncIterable<LoadProgress> => {
    const contextTokens = sharedBy(model).contextTokens ?? options.contextTokens;
    const wanted = { ...options, ...(contextTokens === undefined ? {} : { contextTokens }) };
    return loads.join(`${server.origin} ${model} ${contextTokens}`, (report) => loadModel(server, model, wanted, report), signal);
  };
  return {
    kind: KIND,
    name: server.name,
    origin: server.origin,
    probe: (signal) => probeEngine(server, (within) => check(server, within), signal),
    models: (signal) => ollamaModels(server, signal),
    slots: async () => ({ slots: { value: 1, source: "the default of OLLAMA_NUM_PARALLEL, which it does not tell" }, sharing: "slot" }),
    advice: (signal) => adviceFor(server, signal),
    contextOf: roomyContext,
    loadsUnasked: true,
    load,
    unload: (model, signal) => unloadModel(server, model, signal),
    pull: (name, signal) => pullModel(server, name, signal),
    freed: () => abandoned.read(),
    // A chosen tool is only offered and may be left alone; a schema always holds.
    rungs: () => ["schema", "text"],
    languageModel: (model, { contextTokens }) => {
      const shared = sharedBy(model);
      if (contextTokens !== undefined) shared.contextTokens = Math.max(contextTokens, shared.contextTokens ?? 0);
      return openAiModel({
        provider: KIND,
        model,
        baseUrl: `${server.origin}/v1`,
        apiKey: address.apiKey,
        fetch: chatFetch({
          origin: server.origin,
          contextTokens: () => shared.contextTokens,
          measure: (last) => shared.speeds.measure(last),
          unknownModel: (name) => unknownModel(server, name),
          abandoned: (body, waitedMs) => abandoned.add((shared.speeds.readingMs(body.length / CHARACTERS_PER_TOKEN) ?? 0) - waitedMs),
        }),
      });
    },
    providerOptions: ({ reasoning }, { topK, ttlSeconds, body = {} }) => ({
      always: {
        [KIND]: {
          ...(topK === undefined ? {} : { top_k: topK }),
          ...(ttlSeconds === undefined ? {} : { keep_alive: ttlSeconds }),
          ...body,
        },
      },
      // Whoever cannot think refuses to be told not to in some versions.
      ballot: reasoning?.value === true ? { [KIND]: { think: false } } : {},
    }),
  };
}

async function check(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  const said = await server.get("/api/version", signal);
  const version = isJson(said) ? text(said.version) : undefined;
  return version === undefined ? undefined : { type: "ready", version };
}
