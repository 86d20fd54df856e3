import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { JSONObject, LanguageModelV4 } from "@ai-sdk/provider";
import { MassgenError } from "../../../core/errors.ts";
import type { Rung } from "../../../core/facts/settings.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import { isLoopback } from "../../http/loopback.ts";
import type { CouncilModel, Sampling, Timeouts } from "../../model.ts";
import { createQueue, type Queue } from "../../queue.ts";
import { normaliseBaseUrl } from "./base-url.ts";
import { leavingOutRefused } from "./leave-out-refused.ts";
import { convertUsage } from "./normalise-usage.ts";
import { normalisingFetch, type Fetch } from "./normalise-reply.ts";
import type { ServerProbe } from "./probe-server.ts";

/** Names the backend, and the fields that go into a request's body as they are. */
const PROVIDER = "chatcompletion";
/** Shorter keys are placeholders. */
const SHORTEST_SECRET = 8;

export interface ChatCompletionOptions {
  readonly model: string;
  /** The address up to and with `/v1`. */
  readonly baseUrl: string;
  /** Sent to the host of `baseUrl` and to no other. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contextTokens?: number;
  /** Further fields of every request's body, as they are. */
  readonly body?: JSONObject;
  readonly sampling?: Sampling;
  /** Calls at once; what the server says by default, else 4 on this machine and 8 elsewhere. */
  readonly parallel?: number;
  readonly timeouts?: Timeouts;
  readonly rungs?: readonly Rung[];
  /** What `probeServer` found out about this server. */
  readonly probe?: ServerProbe;
  /** By default all models of one base URL wait in one queue. */
  readonly queue?: Queue;
  readonly fetch?: Fetch;
}

const queues = new Map<string, Queue>();

/**
 * A model behind any OpenAI-compatible server. Nothing is asked until the first call.
 * @throws MassgenError `config` when the key or a header cannot be sent
 */
export function createChatCompletion(options: ChatCompletionOptions): CouncilModel {
  const baseUrl = normaliseBaseUrl(options.baseUrl);
  const local = URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname);
  const contextTokens = options.contextTokens ?? options.probe?.models.find(({ id }) => id === options.model)?.contextTokens;
  return {
    languageModel: languageModelOf(baseUrl, options),
    name: `${PROVIDER}/${options.model}`,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    rungs: options.rungs ?? ["schema", "tool", "text"],
    sampling: options.sampling ?? {},
    timeouts: { firstTokenMs: local ? 10 * 60_000 : 3 * 60_000, stallMs: 120_000, ...options.timeouts },
    queue: options.queue ?? queueOf(baseUrl, local, options),
    providerOptions: providerOptionsOf(options, local),
  };
}

function languageModelOf(baseUrl: string, { model, apiKey, headers = {}, fetch = fetchModel }: ChatCompletionOptions): LanguageModelV4 {
  const key = apiKey?.trim() ?? "";
  for (const value of [key, ...Object.values(headers)]) requireSendable(value, model);
  const secrets = [key, ...Object.values(headers)].filter((secret) => secret.length >= SHORTEST_SECRET);
  const provider = createOpenAICompatible({
    name: PROVIDER,
    baseURL: baseUrl,
    includeUsage: true,
    supportsStructuredOutputs: true,
    convertUsage,
    transformRequestBody: onlyChosenTool,
    // The SDK asks for the type of the global `fetch`, of which it uses what every `fetch` has.
    fetch: normalisingFetch(leavingOutRefused(fetch), secrets) as unknown as typeof globalThis.fetch,
    headers: { ...headers },
    ...(key === "" ? {} : { apiKey: key }),
  });
  return provider.chatModel(model);
}

/** Whoever quoted such a value in an error would show a secret, so it goes no further. */
function requireSendable(value: string, model: string): void {
  if (!/[^\t -~\u0080-\u00FF]/u.test(value)) return;
  throw new MassgenError("config", `The API key or a header of ${PROVIDER}/${model} holds characters that cannot be sent.`, {
    hint: "Look for a line break or a typographic character in it.",
  });
}

function queueOf(baseUrl: string, local: boolean, { parallel, probe }: ChatCompletionOptions): Queue {
  const kind = probe?.kind;
  const bySlot = kind === "llamacpp" || kind === "lmstudio" || kind === "ollama";
  const queue = queues.get(baseUrl) ?? createQueue(parallel ?? probe?.slots ?? (local ? 4 : 8), bySlot ? "slot" : "blocks");
  queues.set(baseUrl, queue);
  return queue;
}

function providerOptionsOf({ body = {}, sampling }: ChatCompletionOptions, local: boolean): NonNullable<CouncilModel["providerOptions"]> {
  // The SDK leaves `top_k` out; the servers here know it.
  const always: JSONObject = { ...(sampling?.topK === undefined ? {} : { top_k: sampling.topK }), ...body };
  // A schema binds only what follows the thinking, which would use up what a ballot may cost. Clouds refuse fields they do not know.
  const ballot: JSONObject = local
    ? { chat_template_kwargs: { ...(body.chat_template_kwargs as JSONObject | undefined), enable_thinking: false } }
    : {};
  return { always: { [PROVIDER]: always }, ballot: { [PROVIDER]: ballot } };
}

/** A tool chosen by name is sent as the only one, with `required`: an object is refused by LM Studio and ignored by llama.cpp. */
function onlyChosenTool(body: Record<string, unknown>): Record<string, unknown> {
  const { tool_choice: choice, tools } = body as { tool_choice?: { function?: { name?: string } } | string; tools?: readonly WireTool[] };
  if (typeof choice !== "object" || tools === undefined) return body;
  return { ...body, tools: tools.filter((tool) => tool.function.name === choice.function?.name), tool_choice: "required" };
}

interface WireTool {
  readonly function: { readonly name: string };
}
