import { withoutUndefined } from "../../../core/without-undefined.ts";
import type { Measures } from "../../measures.ts";
import { isJson, type Json } from "./wire.ts";

/**
 * What a chunk says of the call itself: llama.cpp in `timings` and `prompt_progress`, vLLM in `metrics`, LM Studio (`/api/v0`) in `stats`;
 * engines that we translate for have it in `massgen` already.
 * @returns undefined where it says nothing
 */
export function measuresOf(chunk: Json): Measures | undefined {
  if (isJson(chunk.massgen)) return measuresTold(chunk.massgen);
  const timings = isJson(chunk.timings) ? chunk.timings : {};
  const metrics = isJson(chunk.metrics) ? chunk.metrics : {};
  const stats = isJson(chunk.stats) ? chunk.stats : {};
  const progress = isJson(chunk.prompt_progress) ? chunk.prompt_progress : {};
  // A cached prompt leaves so little to read that the speed says nothing.
  const promptPerSecond = Number(timings.prompt_n) >= FEWEST_TOKENS ? positive(timings.prompt_per_second) : undefined;
  const tokensPerSecond = [timings.predicted_per_second, metrics.tokens_per_second, stats.tokens_per_second].map(positive).find(isNumber);
  const [processed, total] = [positive(progress.processed), positive(progress.total)];
  const measures = {
    ...(processed === undefined || total === undefined ? {} : { prefill: { processed, total } }),
    ...(promptPerSecond === undefined ? {} : { promptPerSecond }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
  };
  return Object.keys(measures).length === 0 ? undefined : measures;
}

function measuresTold({ promptPerSecond, tokensPerSecond, loadMs, cachedUntold }: Json): Measures {
  const told = { promptPerSecond: positive(promptPerSecond), tokensPerSecond: positive(tokensPerSecond), loadMs: positive(loadMs) };
  return withoutUndefined<Measures>({ prefill: undefined, ...told, cachedUntold: cachedUntold === true ? true : undefined });
}

const FEWEST_TOKENS = 32;

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
