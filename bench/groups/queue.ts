import { createEngineQueue } from "../../src/models/queue/engine-queue.ts";
import type { Capacity, Wanted } from "../../src/models/queue/queue.ts";
import { cpuUs, interleaved } from "../measure.ts";
import type { Row } from "../rows.ts";

const FEW = 100;
const MANY = 1_000;
const TIMES = 21;
const SLOTS: Capacity = { slots: 4, sharing: "slot", poolTokens: 32_768 };
/** One for each call, as in the council: the more listeners a signal has, the slower Node adds another. */
const signals = Array.from({ length: MANY }, () => new AbortController().signal);

/** What it costs to wait in a queue, and how that grows with those who wait. */
export async function measureQueue(): Promise<readonly Row[]> {
  return [
    ...(await growth("calls that share nothing", { tokens: 1_000 })),
    ...(await growth("calls with one head", { tokens: 1_000, head: "answers" })),
  ];
}

async function growth(what: string, wanted: Wanted): Promise<readonly Row[]> {
  const batches = MANY / FEW;
  const few = (): Promise<number> =>
    cpuUs(async () => {
      for (let batch = 0; batch < batches; batch += 1) await waitAll(FEW, wanted);
    });
  const many = (): Promise<number> => cpuUs(() => waitAll(MANY, wanted));
  await interleaved(TIMES, [few, many]);
  const [inBatches = 0, atOnce = 0] = await interleaved(TIMES, [few, many]);
  const each = (us: number): string => `${(us / MANY).toFixed(1)} us`;
  return [
    {
      what: `${what}: ${MANY.toLocaleString("en")} waiting over ${FEW}, CPU in all`,
      value: (batches * atOnce) / inBatches,
      unit: "x",
      goal: { atMost: 15 },
      note: `a place taken and given back ${each(atOnce)} over ${each(inBatches)}`,
    },
  ];
}

/** All ask at once, and each gives its place back as soon as it has it. */
async function waitAll(calls: number, wanted: Wanted): Promise<void> {
  const engine = createEngineQueue();
  engine.inMemory({ loaded: ["model"] });
  const queue = engine.lane("model", SLOTS);
  const call = async (signal: AbortSignal): Promise<void> => {
    const place = await queue.acquire(wanted, signal);
    place.begun();
    place.release();
  };
  await Promise.all(signals.slice(0, calls).map(call));
}
