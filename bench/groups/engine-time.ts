import { createCouncil } from "../../src/library/index.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { createExperience } from "../../src/models/experience.ts";
import { reasonToSkip } from "../../test/engines/engine-cache.ts";
import { startLlamaServer } from "../../test/engines/llama-server.ts";
import { median, wallMs } from "../measure.ts";
import { type Row, skipped } from "../rows.ts";
import { startProgram } from "../start-program.ts";

const AGENTS = 3;
const ANSWER_TOKENS = 40;
const PROXY = new URL("../programs/timing-proxy.ts", import.meta.url);
const never = new AbortController().signal;

/** A call as the engine and a proxy before it saw it, in milliseconds. */
interface Taken {
  readonly from: number;
  readonly to: number;
  readonly promptMs: number;
  readonly writingMs: number;
}

/** A council on one slot of a real engine: the engine's own time, and what lies between. */
export async function measureEngineTime(): Promise<readonly Row[]> {
  const reason = await reasonToSkip();
  if (reason !== undefined) return [skipped("a council on a real engine", reason)];
  const server = await startLlamaServer({ slots: 1, contextTokens: 4_096 });
  const proxy = await startProgram(PROXY, new URL(server.baseUrl).origin);
  try {
    return await timesOf(proxy.said);
  } finally {
    proxy.stop();
    await server.close();
  }
}

async function timesOf(origin: string): Promise<readonly Row[]> {
  const engine = createLlamaCpp({ baseUrl: origin });
  const [found] = await engine.models(never);
  if (found === undefined) throw new Error("llama-server has no model");
  const model = await seatModel(engine, found, { sampling: { maxTokens: ANSWER_TOKENS }, experience: createExperience() }, never);
  // Nobody may improve, so that the number of calls does not hang on what a toy model thinks.
  const settings = { bounds: { answersPerAgent: 1 } };
  const council = createCouncil({ seats: Array.from({ length: AGENTS }, () => ({ model })), settings });
  await createCouncil({ seats: [{ model }] }).ask("Say hello.", { seed: 1 }).result;
  const before = (await taken(origin)).length;
  const run = council.ask("Why is the sky blue at noon and red in the evening?", { seed: 2 });
  const wall = await wallMs(() => run.result);
  const calls = (await taken(origin)).slice(before);
  const busy = calls.reduce((sum, { promptMs, writingMs }) => sum + promptMs + writingMs, 0);
  const gaps = calls.slice(1).map(({ from }, index) => from - (calls[index]?.to ?? from));
  const firsts = council.events(run.runId).flatMap((event) => {
    if (event.type !== "call-settled" || event.outcome.type !== "replied") return [];
    return event.outcome.timing?.firstTokenMs ?? [];
  });
  const beyond = firsts.map((first, index) => first - (calls[index]?.promptMs ?? first));
  return [
    {
      what: `${AGENTS} agents: wall time of the council over the busy time of the engine`,
      value: wall / busy,
      unit: "x",
      goal: { atMost: 1.1 },
      note: `${(wall / 1_000).toFixed(2)} s over ${(busy / 1_000).toFixed(2)} s in ${calls.length} calls`,
    },
    { what: "between two calls of the queue", value: median(gaps), unit: "ms", goal: { atMost: 20 }, note: longest(gaps) },
    { what: "first token beyond the engine's own reading", value: median(beyond), unit: "ms", goal: { atMost: 20 }, note: longest(beyond) },
  ];
}

async function taken(origin: string): Promise<readonly Taken[]> {
  return (await (await fetch(`${origin}/taken`)).json()) as readonly Taken[];
}

function longest(values: readonly number[]): string {
  return `the median of ${values.length}; the longest ${Math.max(...values).toFixed(0)} ms`;
}
