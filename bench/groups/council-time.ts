import { councilModel, createCouncil, createMemoryLog, openSqliteLog, type EventLog } from "../../src/library/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, wallMs } from "../measure.ts";
import { firstChoice } from "../first-choice.ts";
import type { Row } from "../rows.ts";

const AGENTS = 3;
/** Drafts, ballots, presentation: one after the other, whatever the council does. */
const STEPS = 3;
const QUICK_MS = 100;
const SLOW_MS = 5_000;

/** Wall time of a council in real time over the slowest path through its models, which all take the same time to answer. */
export async function measureCouncilTime(): Promise<readonly Row[]> {
  await over(20, createMemoryLog());
  const inMemory = await medianOver(createMemoryLog);
  const folder = mkdtempSync(join(tmpdir(), "massgen-bench-"));
  try {
    const kept = await medianOver((run) => openSqliteLog(join(folder, `${run}.db`)));
    const slow = await over(SLOW_MS, createMemoryLog());
    return [
      { what: "three agents at 100 ms an answer: over the path, a round", value: inMemory / STEPS, unit: "ms", goal: { atMost: 15 } },
      { what: "the same with the log on disk", value: kept / STEPS, unit: "ms", goal: { atMost: 15 } },
      {
        what: "three agents at 5 s an answer: over the path",
        value: (100 * slow) / (STEPS * SLOW_MS),
        unit: "%",
        goal: { atMost: 1 },
        note: `${slow.toFixed(0)} ms over ${(STEPS * SLOW_MS) / 1000} s`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function medianOver(log: (run: number) => EventLog): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 7; run += 1) runs.push(await over(QUICK_MS, log(run)));
  return median(runs);
}

/** Milliseconds that a council took longer than its models; closes the log. */
async function over(delayMs: number, log: EventLog): Promise<number> {
  const seats = Array.from({ length: AGENTS }, (_, index) => {
    const { model } = scriptedModel(`m${index}`, (call) => ({ text: firstChoice(call) ?? `Answer ${index}.`, delayMs }));
    return { model: councilModel(model) };
  });
  const council = createCouncil({ seats, log });
  const wall = await wallMs(() => council.ask("Why is the sky blue?", { seed: 1 }).result);
  await council.close();
  log.close();
  return wall - STEPS * delayMs;
}
