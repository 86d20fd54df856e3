import type { Capacity, Wanted } from "./queue.ts";

/** A call that the engine works on. */
interface Running extends Wanted {
  begun: boolean;
}

/** The calls of one model. */
export class Lane {
  readonly model: string;
  readonly running = new Set<Running>();
  capacity: Capacity;

  constructor(model: string, capacity: Capacity) {
    this.model = model;
    this.capacity = capacity;
  }

  /** Whether slots, the shared context and the cache allow one more call beside those that run. */
  hasRoomFor({ tokens, head }: Wanted): boolean {
    const { slots, poolTokens = Infinity } = this.capacity;
    if (this.running.size === 0) return true;
    if (this.running.size >= slots || this.#tokens() + tokens > poolTokens) return false;
    return head === undefined || !this.#isBeingRead(head);
  }

  /** A busy slot's cache is not shared; blocks are, as soon as one call has read them. */
  #isBeingRead(head: string): boolean {
    const sharers = [...this.running].filter((call) => call.head === head);
    return sharers.length > 0 && (this.capacity.sharing === "slot" || !sharers.some(({ begun }) => begun));
  }

  #tokens(): number {
    return [...this.running].reduce((sum, { tokens }) => sum + tokens, 0);
  }
}
