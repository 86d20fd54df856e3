import type { RunEvent } from "../core/facts.ts";
import type { Delta } from "../models/model.ts";

/** What somebody who watches a run sees: every event once and in order, and between them what the models are writing. */
export type Frame =
  | { readonly type: "event"; readonly event: RunEvent }
  | { readonly type: "delta"; readonly callId: string; readonly agent: string; readonly delta: Delta };

/** A reader this far behind loses deltas, never events. */
const MOST_WAITING_DELTAS = 1_024;

/** Hands frames to any number of readers, each at its own pace. */
export class FrameFeed {
  readonly #events: RunEvent[] = [];
  readonly #readers = new Set<Reader>();
  #ended = false;

  event(event: RunEvent): void {
    this.#events.push(event);
    for (const reader of this.#readers) reader.push({ type: "event", event });
  }

  delta(callId: string, agent: string, delta: Delta): void {
    for (const reader of this.#readers) reader.push({ type: "delta", callId, agent, delta });
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.wake();
  }

  /** From the first event of the run on; ends with the run. */
  async *read(): AsyncGenerator<Frame, void> {
    const reader = new Reader(this.#events);
    this.#readers.add(reader);
    try {
      for (;;) {
        const frame = reader.take();
        if (frame !== undefined) yield frame;
        else if (this.#ended) return;
        else await reader.more();
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}

class Reader {
  #frames: Frame[];
  #next = 0;
  #deltas = 0;
  #wake: (() => void) | undefined;

  constructor(events: readonly RunEvent[]) {
    this.#frames = events.map((event) => ({ type: "event", event }));
  }

  push(frame: Frame): void {
    if (frame.type === "delta" && this.#deltas >= MOST_WAITING_DELTAS) return;
    if (frame.type === "delta") this.#deltas += 1;
    this.#frames.push(frame);
    this.wake();
  }

  take(): Frame | undefined {
    const frame = this.#frames[this.#next];
    if (frame === undefined) return undefined;
    this.#next += 1;
    if (frame.type === "delta") this.#deltas -= 1;
    if (this.#next === this.#frames.length) {
      this.#frames = [];
      this.#next = 0;
    }
    return frame;
  }

  more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
