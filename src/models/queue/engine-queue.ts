import { withOneName } from "../http/loopback.ts";
import { earliest, Lane, type Waiter } from "./lane.ts";
import type { Capacity, Place, Queue, Wanted } from "./queue.ts";
import { Residence } from "./residence.ts";

/** Calls that may go before one that came earlier, until that one goes first whatever it costs. */
const MOST_PASSES = 64;

/** What an engine has in memory and how much that may be. */
export interface InMemory {
  /** Models at once; what is said last holds. */
  readonly most?: number;
  /** Models that are there now. */
  readonly loaded?: readonly string[];
}

/** All calls for one engine. */
export interface EngineQueue {
  /** The queue of one model; what is said last about its capacity holds. */
  lane(model: string, capacity: Capacity): Queue;
  inMemory(what: InMemory): void;
}

interface Choice {
  readonly waiter: Waiter;
  readonly instead: string | undefined;
}

/**
 * A fair queue for one engine. Where it cannot hold all models at once, calls for a model in memory go before those that need another one:
 * what is asked in one round is grouped by model, and the next round begins with the model that the last one ended with.
 */
export function createEngineQueue(): EngineQueue {
  const lanes = new Map<string, Lane>();
  const queues = new Map<string, Queue>();
  const residence = new Residence();
  let arrived = 0;
  let left = 0;
  let pumping = false;

  /** For the oldest of all: more have left than were before it, and those passed it. */
  const isOverdue = (oldest: Waiter | undefined): oldest is Waiter => oldest !== undefined && left - oldest.number >= MOST_PASSES;

  const roomOf = (lane: Lane): ReturnType<Residence["roomFor"]> => {
    const alone = lane.running.size === 0 || residence.isLoaded(lane.model);
    return alone ? residence.roomFor(lane.model, lanes) : undefined;
  };

  const choiceOf = (waiter: Waiter): Choice | undefined => {
    const room = roomOf(waiter.lane);
    return room !== undefined && waiter.lane.hasRoomFor(waiter.wanted) ? { waiter, instead: room.instead } : undefined;
  };

  const nextOf = (some: readonly Lane[]): Choice | undefined => {
    const waiter = earliest(some.map((lane) => (roomOf(lane) === undefined ? undefined : lane.next())));
    return waiter === undefined ? undefined : choiceOf(waiter);
  };

  const choose = (): Choice | undefined => {
    const all = [...lanes.values()];
    const oldest = earliest(all.map((lane) => lane.oldest));
    if (isOverdue(oldest)) return choiceOf(oldest);
    const here = nextOf(all.filter(({ model }) => residence.has(model)));
    return here ?? nextOf(all.filter(({ model }) => !residence.has(model)));
  };

  const leave = (waiter: Waiter): void => {
    left += 1;
    waiter.lane.leave(waiter);
  };

  const startAll = (): void => {
    pumping = false;
    for (let choice = choose(); choice !== undefined; choice = choose()) {
      leave(choice.waiter);
      choice.waiter.start(choice.instead);
    }
  };

  /** Where models take turns, in the next turn of the event loop: calls asked for together, or following from the one that ended, are weighed together. */
  const pump = (): void => {
    if (residence.most === Infinity) return startAll();
    if (!pumping) setImmediate(startAll);
    pumping = true;
  };

  const placeIn = (lane: Lane, wanted: Wanted, instead: string | undefined): Place => {
    const call = { ...wanted, begun: false };
    lane.running.add(call);
    if (instead !== undefined) residence.leave(instead);
    residence.enter(lane.model);
    const loaded = (): void => {
      residence.loaded(lane.model);
      pump();
    };
    return {
      ...(instead === undefined ? {} : { instead }),
      loaded,
      begun() {
        call.begun = true;
        loaded();
      },
      release(freed) {
        const leave = (): void => {
          if (lane.running.delete(call)) pump();
        };
        if (freed === undefined) leave();
        else freed.then(leave, leave);
      },
    };
  };

  const acquire = (lane: Lane, wanted: Wanted, signal: AbortSignal): Promise<Place> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const giveUp = (): void => {
        leave(waiter);
        reject(signal.reason as Error);
        pump();
      };
      const waiter: Waiter = {
        number: arrived,
        lane,
        wanted,
        start(instead) {
          signal.removeEventListener("abort", giveUp);
          resolve(placeIn(lane, wanted, instead));
        },
      };
      arrived += 1;
      signal.addEventListener("abort", giveUp, { once: true });
      lane.enter(waiter);
      pump();
    });

  return {
    lane(model, capacity) {
      const lane = lanes.get(model) ?? new Lane(model, capacity);
      lane.capacity = capacity;
      lanes.set(model, lane);
      const queue = queues.get(model) ?? {
        acquire: (wanted, signal) => acquire(lane, wanted, signal),
        get running() {
          return lane.running.size;
        },
      };
      queues.set(model, queue);
      return queue;
    },
    inMemory({ most = residence.most, loaded = [] }) {
      residence.most = Math.max(1, most);
      for (const model of loaded.slice(0, residence.most)) residence.loaded(model);
    },
  };
}

/** The queue of a model that has its engine to itself. */
export function createQueue(capacity: Capacity): Queue {
  const queue = createEngineQueue();
  queue.inMemory({ loaded: ["it"] });
  return queue.lane("it", capacity);
}

const queues = new Map<string, EngineQueue>();

/** The one queue of this process for the engine at an address (scheme, host and port). */
export function engineQueueAt(origin: string): EngineQueue {
  const place = withOneName(origin);
  const queue = queues.get(place) ?? createEngineQueue();
  queues.set(place, queue);
  return queue;
}
