/** The one thing the lanes must know of a sequence of the engine. */
export interface Cached<Token> {
  /** What has been evaluated on it. */
  readonly contextTokens: readonly Token[];
  compareContextTokens(tokens: Token[]): { readonly firstDifferentIndex: number };
}

/** A sequence held by one call. `release` gives it back with its cache kept. */
export interface Lane<S> {
  readonly sequence: S;
  readonly release: () => void;
}

/** The sequences of a context, handed out one call each. */
export interface Lanes<S, Token> {
  /** Waits in line for a free sequence. Rejects with the reason of the signal. */
  take(tokens: Token[], signal?: AbortSignal): Promise<Lane<S>>;
}

/** A common beginning shorter than this (the frame of a chat template) is no reason to throw another cache away. */
const SHORTEST_HEAD_TOKENS = 32;

/** The free sequence that has evaluated most of these tokens already; where none has, the one with least to lose. */
export function bestSequence<Token, S extends Cached<Token>>(free: readonly S[], tokens: Token[]): S | undefined {
  const rated = free.map((sequence) => {
    const common = sequence.compareContextTokens(tokens).firstDifferentIndex;
    return { sequence, common: common < SHORTEST_HEAD_TOKENS ? 0 : common, held: sequence.contextTokens.length };
  });
  rated.sort((one, other) => other.common - one.common || one.held - other.held);
  return rated[0]?.sequence;
}

/** Hands sequences out so that a common head of prompts, one after the other, is evaluated once. */
export function createLanes<Token, S extends Cached<Token>>(sequences: readonly S[]): Lanes<S, Token> {
  const free = new Set(sequences);
  const waiting: (() => void)[] = [];

  const tryTake = (tokens: Token[]): Lane<S> | undefined => {
    const sequence = bestSequence([...free], tokens);
    if (sequence === undefined) return undefined;
    free.delete(sequence);
    let held = true;
    return {
      sequence,
      release: () => {
        if (!held) return;
        held = false;
        free.add(sequence);
        waiting.shift()?.();
      },
    };
  };

  return {
    take(tokens, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const now = waiting.length === 0 ? tryTake(tokens) : undefined;
        if (now !== undefined) return resolve(now);
        const leave = (): void => {
          waiting.splice(waiting.indexOf(wake), 1);
          reject(signal?.reason as Error);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", leave);
          const lane = tryTake(tokens);
          if (lane !== undefined) resolve(lane);
        };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.push(wake);
      });
    },
  };
}
