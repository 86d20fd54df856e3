import type { Capacity, Wanted } from "./queue.ts";

/** A call that the engine works on. */
interface Running extends Wanted {
  begun: boolean;
}

/** A call that waits for a place. */
export interface Waiter {
  /** Counts all that ever waited, in the order in which they came. */
  readonly number: number;
  readonly lane: Lane;
  readonly wanted: Wanted;
  readonly start: (instead: string | undefined) => void;
}

/** The calls of one model. */
export class Lane {
  readonly model: string;
  readonly running = new Set<Running>();
  capacity: Capacity;
  /** By their head, so that a head that is being read is passed over at once, however many wait for it. */
  readonly #waiting = new Map<string | undefined, Waiter[]>();

  constructor(model: string, capacity: Capacity) {
    this.model = model;
    this.capacity = capacity;
  }

  enter(waiter: Waiter): void {
    const { head } = waiter.wanted;
    const group = this.#waiting.get(head) ?? [];
    group.push(waiter);
    this.#waiting.set(head, group);
  }

  leave(waiter: Waiter): void {
    const { head } = waiter.wanted;
    const group = this.#waiting.get(head) ?? [];
    group.splice(group.indexOf(waiter), 1);
    if (group.length === 0) this.#waiting.delete(head);
  }

  /** Whoever has waited longest. */
  get oldest(): Waiter | undefined {
    return earliest([...this.#waiting.values()].map(([first]) => first));
  }

  /** Whoever has waited longest of those that may start beside the calls that run. */
  next(): Waiter | undefined {
    if (this.running.size === 0) return this.oldest;
    const { slots } = this.capacity;
    if (this.running.size >= slots) return undefined;
    const room = this.#roomTokens();
    return earliest(
      [...this.#waiting].map(([head, group]) => (this.#isBeingRead(head) ? undefined : group.find(({ wanted }) => wanted.tokens <= room))),
    );
  }

  /** Whether slots, the shared context and the cache allow one more call beside those that run. */
  hasRoomFor({ tokens, head }: Wanted): boolean {
    if (this.running.size === 0) return true;
    return this.running.size < this.capacity.slots && tokens <= this.#roomTokens() && !this.#isBeingRead(head);
  }

  /** A busy slot's cache is not shared; blocks are, as soon as one call has read them. */
  #isBeingRead(head: string | undefined): boolean {
    if (head === undefined) return false;
    const sharers = [...this.running].filter((call) => call.head === head);
    return sharers.length > 0 && (this.capacity.sharing === "slot" || !sharers.some(({ begun }) => begun));
  }

  #roomTokens(): number {
    const { poolTokens = Infinity } = this.capacity;
    return [...this.running].reduce((left, { tokens }) => left - tokens, poolTokens);
  }
}

export function earliest(waiters: readonly (Waiter | undefined)[]): Waiter | undefined {
  return waiters.reduce((one, other) => (one === undefined || (other !== undefined && other.number < one.number) ? other : one), undefined);
}
