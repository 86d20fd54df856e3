import { createCouncil } from "../../src/library/index.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { createExperience } from "../../src/models/experience.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { createQueue } from "../../src/models/queue/engine-queue.ts";
import type { FakeEngineRequest } from "../../src/testing/fake-engines/fake-engine.ts";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { ballotFor } from "../first-choice.ts";
import { interleaved, wallMs } from "../measure.ts";
import type { Row } from "../rows.ts";

const AGENTS = 3;
const TIMES = 3;
const CONTEXT_TOKENS = 65_536;
const never = new AbortController().signal;

/** An engine and a council, by what decides whether reading or writing takes longer. */
interface Case {
  readonly what: string;
  readonly promptTokensPerSecond: number;
  readonly tokensPerSecond: number;
  readonly answerWords: number;
  readonly goal: number;
}

const CASES: readonly Case[] = [
  { what: "reading fast, writing slow", promptTokensPerSecond: 40_000, tokensPerSecond: 100, answerWords: 40, goal: 1.05 },
  { what: "short answers", promptTokensPerSecond: 4_000, tokensPerSecond: 80, answerWords: 12, goal: 1.05 },
  { what: "reading slow, writing fast", promptTokensPerSecond: 2_000, tokensPerSecond: 800, answerWords: 300, goal: 1 },
];

/** Whole councils as the queue makes their calls, over the same where it never knows of common heads. */
export async function measureSharing(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const each of CASES) rows.push(await overAtOnce(each));
  return rows;
}

async function overAtOnce({ what, goal, answerWords, ...speeds }: Case): Promise<Row> {
  const reply = ({ body }: FakeEngineRequest): { readonly text: string } => {
    const { choice } = (body.response_format?.json_schema?.schema as Ballot | undefined)?.properties ?? {};
    return { text: choice === undefined ? "scattered ".repeat(answerWords) : ballotFor(choice.enum[0] ?? "") };
  };
  // A fake reads for every slot as fast as for one; a real engine shares its speed among them, so reading twice costs more there.
  const fake = await startFakeLlamaCpp({ models: ["bench"], slots: AGENTS, contextTokens: CONTEXT_TOKENS, reply, ...speeds });
  try {
    const engine = createLlamaCpp({ baseUrl: fake.origin });
    const [found] = await engine.models(never);
    if (found === undefined) throw new Error("the fake has no model");
    const seated = await seatModel(engine, found, { experience: createExperience() }, never);
    const [chosen = 0, atOnce = 0] = await interleaved(TIMES, [() => councilMs(seated), () => councilMs(unaware(seated))]);
    return {
      what: `${what}: a council as chosen over all at once`,
      value: chosen / atOnce,
      unit: "x",
      goal: { atMost: goal },
      note: `${(chosen / 1_000).toFixed(2)} s over ${(atOnce / 1_000).toFixed(2)} s`,
    };
  } finally {
    await fake.close();
  }
}

interface Ballot {
  readonly properties?: { readonly choice?: { readonly enum: readonly string[] } };
}

/** The same model with a queue that is never told of a common head. */
function unaware(model: CouncilModel): CouncilModel {
  const queue = createQueue({ slots: AGENTS, sharing: "slot" });
  return {
    ...model,
    queue: {
      acquire: ({ tokens }, signal) => queue.acquire({ tokens }, signal),
      get running() {
        return queue.running;
      },
    },
  };
}

let councils = 0;

/** A question that nobody has asked before, so that no earlier council's answers are in the cache. */
function councilMs(model: CouncilModel): Promise<number> {
  councils += 1;
  const council = createCouncil({ seats: Array.from({ length: AGENTS }, () => ({ model })) });
  return wallMs(async () => {
    const { outcome } = await council.ask(`${councils}. Why is the sky blue?`, { seed: councils }).result;
    if (outcome !== "consensus") throw new Error(`a council ended as ${outcome}`);
  });
}
