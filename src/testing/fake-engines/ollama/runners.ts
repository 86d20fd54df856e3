import { loading, type EngineCore } from "../engine-core.ts";
import type { Death, FakeEngineOptions, ModelFacts } from "../fake-engine.ts";

/** A model in memory, with the context it was loaded with. */
export interface Runner {
  readonly model: ModelFacts;
  readonly contextTokens: number;
  /** Requests that use it or wait for one of its slots. */
  users: number;
  usedAt: number;
  keepMs: number;
}

export interface Runners {
  list(): readonly Runner[];
  /** Waits for its turn, for room and for the load. Every use ends with `release`. */
  use(model: ModelFacts, contextTokens: number): Promise<Runner>;
  release(runner: Runner, keepMs: number): void;
  /** Ends what runs. */
  kill(id: string): void;
  readonly waiting: number;
}

const FIVE_MINUTES_MS = 300_000;
const STOPPED: Death = {
  status: 500,
  body: {
    error:
      "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details",
  },
};

/** Ollama's scheduler: requests in order; another context is another load; the longest idle model makes room. */
export function createRunners(models: readonly ModelFacts[], { maxLoaded = 3, loadMs }: FakeEngineOptions, core: EngineCore): Runners {
  const runners = new Map<string, Runner>();
  const watchers = new Set<() => void>();
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      watchers.add(resolve);
    });
  const announce = (): void => {
    for (const resolve of watchers) resolve();
    watchers.clear();
  };
  const drop = (id: string): void => {
    runners.delete(id);
    core.kill(id, STOPPED);
    announce();
  };
  const put = (model: ModelFacts, contextTokens: number): Runner => {
    const runner = { model, contextTokens, users: 0, usedAt: Date.now(), keepMs: FIVE_MINUTES_MS };
    runners.set(model.id, runner);
    return runner;
  };
  const makeRoom = async (id: string): Promise<void> => {
    while (runners.has(id) || runners.size >= maxLoaded) {
      const candidates = runners.has(id) ? [runners.get(id) as Runner] : [...runners.values()];
      const [idle] = candidates.filter(({ users }) => users === 0).sort((one, other) => one.usedAt - other.usedAt);
      if (idle === undefined) await changed();
      else drop(idle.model.id);
    }
  };
  const find = async (model: ModelFacts, contextTokens: number): Promise<Runner> => {
    expire();
    const existing = runners.get(model.id);
    if (existing?.contextTokens === contextTokens) return existing;
    await makeRoom(model.id);
    core.loads.push(model.id);
    await loading(loadMs);
    return put(model, contextTokens);
  };
  const expire = (): void => {
    for (const { model, users, usedAt, keepMs } of runners.values()) if (users === 0 && Date.now() - usedAt >= keepMs) drop(model.id);
  };

  for (const model of models.filter(({ loaded }) => loaded)) put(model, model.contextTokens);

  return {
    list() {
      expire();
      return [...runners.values()];
    },
    use(model, contextTokens) {
      waiting += 1;
      const found = turn.then(async () => {
        const runner = await find(model, contextTokens);
        runner.users += 1;
        waiting -= 1;
        return runner;
      });
      turn = found;
      return found;
    },
    release(runner, keepMs) {
      runner.users -= 1;
      runner.usedAt = Date.now();
      runner.keepMs = keepMs;
      expire();
      announce();
    },
    kill: drop,
    get waiting() {
      return waiting;
    },
  };
}

/** `keep_alive` in milliseconds: a number is seconds, negative is for ever. */
export function keepMsOf(keepAlive: unknown): number {
  if (typeof keepAlive === "number") return keepAlive < 0 ? Infinity : keepAlive * 1000;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const [, amount, unit = "s"] = /^(-?\d+)(ms|s|m|h)?$/u.exec(String(keepAlive)) ?? [];
  if (amount === undefined) return FIVE_MINUTES_MS;
  return Number(amount) < 0 ? Infinity : Number(amount) * (units[unit] ?? 1000);
}
