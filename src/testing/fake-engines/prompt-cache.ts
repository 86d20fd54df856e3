import type { Counted } from "../fake-openai/render-frames.ts";
import { commonLength } from "../fake-openai/prompt-text.ts";

/** UTF-8 bytes / 4, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

export interface PromptCache {
  /** Counts a prompt that starts now; `kept` is called when it has been read, `done` when its request is over. */
  take(lane: string, prompt: string): { readonly counted: Counted; readonly kept: () => void; readonly done: () => void };
  /** A model that is unloaded forgets. */
  forget(lane: string): void;
}

interface Slot {
  prompt: string;
  busy: boolean;
}

/**
 * What engines remember of prompts they have read.
 * `slot`: each slot its last one, and a busy slot's is nobody else's. `blocks`: all of them, in whole blocks.
 */
export function createPromptCache(sharing: "slot" | "blocks", slots: number, blockTokens = 1): PromptCache {
  const lanes = new Map<string, Slot[]>();

  const choose = (lane: Slot[], prompt: string): Slot => {
    const free = lane
      .filter((slot) => !slot.busy)
      .sort((one, other) => commonLength(prompt, other.prompt) - commonLength(prompt, one.prompt));
    const [best] = free;
    const similar = best !== undefined && commonLength(prompt, best.prompt) > prompt.length / 10;
    if (best !== undefined && (similar || lane.length >= slots)) return best;
    const slot = { prompt: "", busy: false };
    lane.push(slot);
    return slot;
  };

  return {
    take(name, prompt) {
      const lane = lanes.get(name) ?? [];
      lanes.set(name, lane);
      const slot = sharing === "slot" ? choose(lane, prompt) : { prompt: "", busy: false };
      const known = sharing === "slot" ? [slot] : lane;
      const common = known.reduce((longest, { prompt: earlier }) => Math.max(longest, commonLength(prompt, earlier)), 0);
      const promptTokens = tokensOf(prompt);
      const whole = Math.floor(Buffer.byteLength(prompt.slice(0, common)) / 4 / blockTokens) * blockTokens;
      slot.busy = true;
      return {
        counted: { promptTokens, cachedTokens: Math.max(0, Math.min(whole, promptTokens - 1)) },
        kept: () => {
          slot.prompt = prompt;
          if (sharing === "blocks") lane.push(slot);
        },
        done: () => {
          slot.busy = false;
        },
      };
    },
    forget: (name) => void lanes.delete(name),
  };
}
