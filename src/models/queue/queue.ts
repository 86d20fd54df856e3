/**
 * What of an engine's cache two calls can share.
 * `slot`: only calls that follow one another on a slot (llama.cpp, LM Studio, Ollama, embedded), so they go in line.
 * `blocks`: any call, once another has read the same beginning (vLLM, SGLang, clouds): one leads, the rest follow.
 */
export type CacheSharing = "slot" | "blocks";

/** What an engine can do at once for one model. */
export interface Capacity {
  /** Calls at once. */
  readonly slots: number;
  readonly sharing: CacheSharing;
  /** Tokens, prompts and outputs together, that all running calls share; absent where every slot has its own context. */
  readonly poolTokens?: number;
}

/** A call that wants to be made. */
export interface Wanted {
  /** Names a long common beginning of prompts whose reading is worth sharing. */
  readonly head?: string;
  /** Prompt and output at most, in tokens. */
  readonly tokens: number;
}

/** What a call holds while the engine works on it. */
export interface Place {
  /** The model that has to leave memory for this call's model, where the engine cannot hold both. */
  readonly instead?: string;
  /** The call's model is in memory: others of that model may follow. */
  loaded(): void;
  /** The engine has read the prompt: whoever shares its head finds it in the cache. */
  begun(): void;
  /** @param freed until it settles the engine still works on the call, and the place stays taken */
  release(freed?: Promise<unknown>): void;
}

/** Where the calls of one model wait for their engine. Fair: first come, first served, but for what keeps models in memory and heads in caches. */
export interface Queue {
  /** Rejects with the reason of `signal`. */
  acquire(wanted: Wanted, signal: AbortSignal): Promise<Place>;
  /** Calls the engine works on now for this model. */
  readonly running: number;
}
