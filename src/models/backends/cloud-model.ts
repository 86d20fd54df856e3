import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { Accepts } from "../../core/facts/attachment.ts";
import type { Rung } from "../../core/facts/settings.ts";
import { acceptsAt } from "../accepts-at.ts";
import { describedBy } from "../catalogue/described-by.ts";
import { type ModelFacts, modelFacts } from "../catalogue/model-facts.ts";
import type { CouncilModel, Timeouts } from "../model.ts";
import { engineQueueAt } from "../queue/engine-queue.ts";
import { requireSendable } from "./require-sendable.ts";
import { rememberedRungs } from "../remembered-rungs.ts";
import type { Capabilities, CloudOptions, OwnTools } from "./backend.ts";

const MINUTE = 60_000;

/** Limits for what is not on this machine. Most clouds keep silent while a model thinks, and some think for minutes. */
export function cloudTimeouts(thinks: boolean): Timeouts {
  return thinks ? { firstTokenMs: 10 * MINUTE, stallMs: 5 * MINUTE } : { firstTokenMs: 3 * MINUTE, stallMs: 2 * MINUTE };
}
/** Tokens from which on OpenAI, Anthropic and Google keep the beginning of a prompt. */
export const SHORTEST_CACHED = 1_024;
/** Calls at once that clouds take from one account without complaint. */
export const CLOUD_SLOTS = 8;

const rungs: readonly Rung[] = ["schema", "tool", "text"];

/** From the best that a provider's models stand on downwards. */
export function rungsOf(best: Capabilities["ballots"]): readonly Rung[] {
  return rungs.slice(["native", "tool", "text"].indexOf(best));
}

interface Provider {
  readonly type: string;
  readonly capabilities: Pick<Capabilities, "ballots" | "images" | "files">;
  readonly ownTools: OwnTools;
}

/** Without an address of its own all models of a provider wait in one queue. */
type Asked = Omit<CloudOptions, "baseUrl" | "fields"> & { readonly baseUrl?: string };

/**
 * A cloud's language model as the council knows models.
 * @throws MassgenError `config` for a key that cannot be sent
 */
export function cloudModel(
  { type, capabilities, ownTools }: Provider,
  languageModel: LanguageModelV4,
  options: Asked,
  providerOptions?: CouncilModel["providerOptions"],
): CouncilModel {
  const { model, baseUrl, sampling, experience, contextTokens, search, code, parallel = CLOUD_SLOTS } = options;
  const facts = modelFacts(type, model);
  requireSendable(options.apiKey, `${type}/${model}`);
  const queue = engineQueueAt(baseUrl === undefined ? type : new URL(baseUrl).origin);
  queue.inMemory({ loaded: [model] });
  const providerTools = [...(search && ownTools.search ? [ownTools.search] : []), ...(code && ownTools.code ? [ownTools.code] : [])];
  return {
    languageModel,
    name: `${type}/${model}`,
    rungs: rememberedRungs(rungsOf(capabilities.ballots), experience),
    sampling,
    timeouts: cloudTimeouts(facts.reasoning),
    cachesFrom: SHORTEST_CACHED,
    queue: queue.lane(model, { slots: parallel, sharing: "blocks" }),
    accepts: acceptsAt(type, options.accepts ?? acceptsOf(capabilities, facts)),
    ...describedBy(facts),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(experience !== undefined && { experience }),
    ...(providerTools.length > 0 && { providerTools }),
    ...(providerOptions !== undefined && { providerOptions }),
  };
}

function acceptsOf({ images, files }: Provider["capabilities"], { input }: ModelFacts): Accepts {
  return { images: images && input.images, pdf: files && input.pdf };
}
