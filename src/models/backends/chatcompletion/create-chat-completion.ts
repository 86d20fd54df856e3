import type { JSONObject } from "@ai-sdk/provider";
import type { Accepts } from "../../../core/facts/attachment.ts";
import type { Rung } from "../../../core/facts/settings.ts";
import { withoutUndefined } from "../../../core/without-undefined.ts";
import { acceptsAt } from "../../accepts-at.ts";
import type { Experience } from "../../experience.ts";
import { hardwareTimeouts } from "../../hardware-timeouts.ts";
import { isLoopback } from "../../http/loopback.ts";
import type { CouncilModel, Sampling, Timeouts } from "../../model.ts";
import { engineQueueAt } from "../../queue/engine-queue.ts";
import type { Queue } from "../../queue/queue.ts";
import { rememberedRungs } from "../../remembered-rungs.ts";
import { cloudTimeouts, rungsOf, SHORTEST_CACHED } from "../cloud-model.ts";
import { normaliseBaseUrl } from "./base-url.ts";
import type { Fetch } from "./normalise-reply.ts";
import { onlyChosenTool, openAiModel } from "./open-ai-model.ts";
import type { ServerProbe } from "./probe-server.ts";
import { chatProviderAt } from "./providers.ts";

/** Names the backend where nobody knows the provider, and the fields that go into a request's body as they are. */
const PROVIDER = "chatcompletion";

export interface ChatCompletionOptions {
  readonly model: string;
  /** Who serves it, for people. */
  readonly label?: string;
  /** The address up to and with `/v1`. */
  readonly baseUrl: string;
  /** Sent to the host of `baseUrl` and to no other. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contextTokens?: number;
  /** What the model can be sent besides text; nothing by default. */
  readonly accepts?: Accepts;
  /** Further fields of every request's body, as they are. */
  readonly body?: JSONObject;
  readonly sampling?: Sampling;
  /** Calls at once; what the server says by default, else 4 on this machine and 8 elsewhere. */
  readonly parallel?: number;
  readonly timeouts?: Timeouts;
  /** Whether it is known to think before it answers, for which it is given time. */
  readonly thinks?: boolean;
  readonly rungs?: readonly Rung[];
  /** What `probeServer` found out about this server. */
  readonly probe?: ServerProbe;
  /** By default all models of one base URL wait in one queue. */
  readonly queue?: Queue;
  readonly fetch?: Fetch;
  readonly experience?: Experience;
}

/**
 * A model behind any OpenAI-compatible server. Nothing is asked until the first call.
 * @throws MassgenError `config` when the key or a header cannot be sent
 */
export function createChatCompletion(options: ChatCompletionOptions): CouncilModel {
  const baseUrl = normaliseBaseUrl(options.baseUrl);
  const local = URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname);
  const provider = chatProviderAt(baseUrl);
  const { label = PROVIDER, rungs = rungsOf(provider?.ballots ?? "native"), sampling = {}, experience } = options;
  return {
    languageModel: openAiModel({ ...options, provider: PROVIDER, baseUrl, transformBody: onlyChosenTool }),
    name: `${label}/${options.model}`,
    rungs: rememberedRungs(rungs, experience),
    sampling,
    timeouts: timeoutsOf(options, local),
    queue: options.queue ?? queueOf(baseUrl, local, options),
    providerOptions: providerOptionsOf(options, local),
    ...knownOf(options),
    ...withoutUndefined<Pick<CouncilModel, "cachesFrom" | "experience">>({
      cachesFrom: provider === undefined ? undefined : SHORTEST_CACHED,
      experience,
    }),
  };
}

function timeoutsOf({ timeouts, experience, thinks = false }: ChatCompletionOptions, local: boolean): CouncilModel["timeouts"] {
  if (!local) return { ...cloudTimeouts(thinks), ...timeouts };
  return (tokens) => ({ ...hardwareTimeouts(experience?.learned ?? {}, tokens), ...timeouts });
}

/** What is told of the model, or what its server says. */
function knownOf({ contextTokens, accepts, probe, model }: ChatCompletionOptions): Pick<CouncilModel, "contextTokens" | "accepts"> {
  return withoutUndefined<Pick<CouncilModel, "contextTokens" | "accepts">>({
    contextTokens: contextTokens ?? probe?.models.find(({ id }) => id === model)?.contextTokens,
    accepts: accepts && acceptsAt(probe?.kind, accepts),
  });
}

/** A server that serves a model has it in memory, as far as we know. */
function queueOf(baseUrl: string, local: boolean, { parallel, probe, model }: ChatCompletionOptions): Queue {
  const kind = probe?.kind;
  const bySlot = kind === "llamacpp" || kind === "lmstudio" || kind === "ollama";
  const queue = engineQueueAt(URL.parse(baseUrl)?.origin ?? baseUrl);
  queue.inMemory({ loaded: [model] });
  return queue.lane(model, { slots: parallel ?? probe?.slots ?? (local ? 4 : 8), sharing: bySlot ? "slot" : "blocks" });
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
