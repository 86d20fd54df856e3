import type { Prompt } from "../../src/core/messages.ts";
import type { Usage } from "../../src/core/facts/outcome.ts";
import { createChatCompletion } from "../../src/models/backends/chatcompletion/create-chat-completion.ts";
import { probeServer } from "../../src/models/backends/chatcompletion/probe-server.ts";
import { createEmbedded } from "../../src/models/backends/embedded/create-embedded.ts";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { simulateRun } from "../../src/testing/simulate-run.ts";
import { reasonToSkip, smolLmFile } from "../../test/engines/engine-cache.ts";
import { startLlamaServer } from "../../test/engines/llama-server.ts";
import { ballotFor } from "../first-choice.ts";
import { wallMs } from "../measure.ts";
import { type Row, skipped } from "../rows.ts";

const CONTEXT_TOKENS = 4_096;
const JUDGES = 3;
/** About 500 tokens of SmolLM2. */
const SENTENCES = 20;

/** Judging rounds on real engines: three judges over three answers of about 500 tokens each, in line as the council asks them and all at once. */
export async function measureEngines(): Promise<readonly Row[]> {
  const reason = await reasonToSkip();
  if (reason !== undefined) return [skipped("real engines", reason)];
  const server = await startLlamaServer({ slots: JUDGES, contextTokens: CONTEXT_TOKENS });
  const never = new AbortController().signal;
  const probe = await probeServer(server.baseUrl, {}, never);
  if ("kind" in probe && "message" in probe) throw new Error(probe.message);
  const served = createChatCompletion({ model: "SmolLM2", baseUrl: server.baseUrl, probe, contextTokens: CONTEXT_TOKENS });
  const rows = await measureEngine("llama-server", served);
  await server.close();
  const embedded = createEmbedded({ path: await smolLmFile(), contextTokens: CONTEXT_TOKENS, lanes: JUDGES });
  for await (const _ of embedded.prepare?.(undefined, never) ?? []);
  rows.push(...(await measureEngine("embedded engine", embedded)));
  await embedded.close?.();
  return rows;
}

async function measureEngine(name: string, model: CouncilModel): Promise<Row[]> {
  const rounds = judgingRounds();
  const first = await judgingRound(model, rounds.first, true);
  const second = await judgingRound(model, rounds.second, true);
  const atOnce = await judgingRound(model, judgingRounds().first, false);
  const [leading, ...later] = first.usages;
  const prompt = leading?.inputTokens ?? Number.NaN;
  const count = (tokens: number): string => tokens.toLocaleString("en");
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return [
    {
      what: `${name}: of a later judge's prompt cached`,
      value: Math.min(...later.map((usage) => cachedPercent([usage]))),
      unit: "%",
      goal: { atLeast: 80 },
      note: `${count(prompt)} tokens a prompt, judges in line`,
    },
    {
      what: `${name}: prompt tokens computed by ${JUDGES} judges over one judge's prompt`,
      value: computedTokens(first.usages) / prompt,
      unit: "x",
      goal: { atMost: 1.3 },
      note: `${count(computedTokens(first.usages))} over ${count(prompt)}`,
    },
    {
      what: `${name}: of the second round's prompts cached, one of three answers improved`,
      value: cachedPercent(second.usages),
      unit: "%",
      note: `${second.usages.map((usage) => `${cachedPercent([usage]).toFixed(0)} %`).join(", ")}; ${count(computedTokens(second.usages))} tokens computed`,
    },
    {
      what: `${name}: a judging round in line over all at once`,
      value: first.ms / atOnce.ms,
      unit: "x",
      goal: { atMost: 0.5 },
      note: `${seconds(first.ms)} over ${seconds(atOnce.ms)}`,
    },
  ];
}

let questions = 0;

interface Rounds {
  readonly first: readonly Prompt[];
  readonly second: readonly Prompt[];
}

/** Both judging rounds of a council over answers that the engine has not seen before. */
function judgingRounds(): Rounds {
  questions += 1;
  const prompts = ballotPrompts(`Question ${questions}: why is the sky blue at noon and red in the evening?`);
  return { first: prompts.slice(0, JUDGES), second: prompts.slice(JUDGES) };
}

async function judgingRound(
  model: CouncilModel,
  prompts: readonly Prompt[],
  inLine: boolean,
): Promise<{ readonly ms: number; readonly usages: readonly Usage[] }> {
  const usages: Usage[] = [];
  const ms = await wallMs(() => Promise.all(prompts.map(async (prompt) => usages.push(await judge(model, prompt, inLine)))));
  return { ms, usages };
}

async function judge(model: CouncilModel, prompt: Prompt, inLine: boolean): Promise<Usage> {
  const call = callModel(model, prompt, { clock: systemClock(), ...(inLine ? { head: "the answers" } : {}) }, new AbortController().signal);
  for (;;) {
    const { done, value } = await call.next();
    if (done !== true) continue;
    if (value.type !== "replied") throw new Error(`${model.name} did not reply: ${JSON.stringify(value)}`);
    return value.usage;
  }
}

/** The ballots of a council with personas as they would be sent: in the first round one judge improves, the second decides. */
function ballotPrompts(question: string): readonly Prompt[] {
  const agents = ["an astronomer", "a painter", "a sceptic"].map((persona, index) => ({
    id: `judge${index + 1}`,
    model: "bench",
    rungs: ["schema"] as const,
    contextTokens: CONTEXT_TOKENS,
    persona: `You are ${persona} and you judge as one.`,
  }));
  const improving = "judge1";
  let improved = false;
  const { calls } = simulateRun({
    input: { question },
    agents,
    behave: ({ request, prompt }) => {
      if (prompt.ballot === undefined) return answer(question, `${request.agent} in a ${request.purpose}`);
      const improves = request.agent === improving && !improved;
      improved ||= improves;
      return ballotFor(improves ? "improve" : (prompt.ballot.choices[0] ?? ""));
    },
  });
  return calls.flatMap(({ request, prompt }) => (request.purpose === "ballot" ? [prompt] : []));
}

function answer(question: string, author: string): string {
  const sentence = (index: number): string =>
    `Point ${index} of ${author} is that blue light is scattered more than red light in clear air.`;
  return `${question}\n${Array.from({ length: SENTENCES }, (_, index) => sentence(index)).join("\n")}`;
}

function cachedPercent(usages: readonly Usage[]): number {
  const total = usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
  return 100 - (100 * computedTokens(usages)) / total;
}

function computedTokens(usages: readonly Usage[]): number {
  return usages.reduce((sum, { inputTokens, cachedInputTokens = 0 }) => sum + inputTokens - cachedInputTokens, 0);
}
