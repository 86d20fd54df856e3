import { openAiModel } from "../../backends/chatcompletion/open-ai-model.ts";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { failureOf } from "../../failure-of.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { smallerContext } from "../context-of.ts";
import { type EngineServer, engineServer, quietly } from "../engine-server.ts";
import type { Engine, EngineAddress, EngineModel, Probe, Slots } from "../engine.ts";
import { openAiMessages } from "../open-ai-messages.ts";
import { opensLate } from "../opens-late.ts";
import { probeEngine } from "../probe-engine.ts";
import { count, known, text } from "../sourced.ts";
import { thinkingOff } from "../thinking-off.ts";
import { toolParserOf } from "./tool-parser-of.ts";
import { toolsEnabled } from "./tools-enabled.ts";

const KIND = "vllm";
const LIST = "/v1/models";
/** Judges read all answers and a question; in less than this they soon do not fit. */
const SHORT_CONTEXT = 8192;

/** Calls it batches at once where nobody told it how many; more wait inside and none fails: when its memory is full it computes one again later. */
const slots: Slots = { slots: { value: 256, source: "the usual --max-num-seqs, which it does not tell" }, sharing: "blocks" };

/** A vLLM server: one model in memory from start to end, its calls batched, its cache shared by blocks. */
export function createVllm(address: EngineAddress): Engine {
  const server = engineServer("vLLM", address);
  return {
    kind: KIND,
    name: server.name,
    origin: server.origin,
    probe: async (signal) => opensLate(await probeEngine(server, (within) => check(server, within), signal), "vLLM", server),
    models: (signal) => models(server, signal),
    slots: async () => slots,
    advice: (signal) => advice(server, signal),
    contextOf: smallerContext,
    loadsUnasked: false,
    countTokens: async (model, messages, signal) => {
      const counted = await server.post("/tokenize", { model, messages: openAiMessages(messages) }, signal);
      const tokens = isJson(counted) ? count(counted.count) : undefined;
      if (tokens === undefined) throw answeredBadly(`${server.origin}/tokenize`, counted);
      return tokens;
    },
    rungs: ({ tools }) => (tools?.value === true ? ["schema", "tool", "text"] : ["schema", "text"]),
    languageModel: (model) =>
      openAiModel({
        provider: KIND,
        model,
        baseUrl: `${server.origin}/v1`,
        apiKey: address.apiKey,
      }),
    providerOptions: (_model, { topK, body = {} }) => ({
      always: { [KIND]: { ...(topK === undefined ? {} : { top_k: topK }), ...body } },
      ballot: { [KIND]: thinkingOff(body) },
    }),
  };
}

/** Its server outlives its engine: then the list is there and `/health` is 503. Only `/v1` asks for a key. */
async function check(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  const health = server.get("/health", signal).then(
    () => undefined,
    (error: unknown) => failureOf(error, server.name, 0),
  );
  const telling = quietly(server.get("/version", signal));
  // Others take their time over `/health`.
  if (!entriesOf(await server.get(LIST, signal)).some(isIts)) return undefined;
  const [ill, version] = await Promise.all([health, telling]);
  if (ill?.status === 503) {
    const message = `${server.name} is there, but the engine behind it has died (503): start it again.`;
    return { type: "down", failure: { ...ill, kind: "unavailable", message } };
  }
  if (ill?.kind === "timeout") return { type: "unknown", why: ill.message };
  const told = isJson(version) ? text(version.version) : undefined;
  return { type: "ready", ...(told === undefined ? {} : { version: told }) };
}

async function models(server: EngineServer, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const entries = entriesOf(await server.get(LIST, signal));
  // Another server might take the question for a call.
  const asked = text(entries.find(isIts)?.id);
  const tools = asked === undefined ? undefined : await toolsEnabled(server, asked, signal);
  return entries.flatMap((entry) => {
    const id = text(entry.id);
    if (id === undefined) return [];
    return {
      id,
      ...known("contextLoaded", count(entry.max_model_len), `max_model_len of ${LIST}`),
      // Without a parser it is the server that cannot; what the model was trained for is not known.
      ...known("tools", tools === true ? tools : undefined, "--tool-call-parser is set"),
      loaded: { value: true, source: "it serves this model" },
    };
  });
}

function isIts({ owned_by: owner }: Json): boolean {
  return owner === KIND;
}

function entriesOf(list: unknown): readonly Json[] {
  return isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
}

async function advice(server: EngineServer, signal: AbortSignal): Promise<readonly string[]> {
  const entry = entriesOf(await server.get(LIST, signal)).find(isIts);
  const id = text(entry?.id);
  if (entry === undefined || id === undefined) return [];
  const tools = await toolsEnabled(server, id, signal);
  const context = count(entry.max_model_len);
  const parser = toolParserOf(text(entry.root) ?? id);
  return [
    ...(tools === false
      ? [`It cannot read tool calls, so decisions go by schema or text: add --enable-auto-tool-choice --tool-call-parser ${parser}.`]
      : []),
    ...(context !== undefined && context < SHORT_CONTEXT
      ? [`A context of ${context} tokens is short for judges who read all answers: raise --max-model-len.`]
      : []),
    "What it does not tell from outside: add --enable-prompt-tokens-details to see cached tokens, and --reasoning-parser only if the model thinks.",
  ];
}
