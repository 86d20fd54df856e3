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
import type { Row } from "../rows.ts";

const CONTEXT_TOKENS = 4_096;
const JUDGES = 3;
/** About 500 tokens of SmolLM2. */
const SENTENCES = 22;

/** Judging rounds on real engines: three judges over three answers of about 500 tokens each, in line as the council asks them and all at once. */
export async function measureEngines(): Promise<readonly Row[]> {
  const reason = await reasonToSkip();
  if (reason !== undefined) return [{ what: `real engines: skipped, ${reason}`, value: 0, unit: "" }];
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
  const inLine = await judgingRound(model, true);
  const atOnce = await judgingRound(model, false);
  const [first, ...later] = inLine.usages;
  const worst = Math.min(...later.map(cachedPercent));
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return [
    {
      what: `${name}: of a later judge's prompt cached`,
      value: worst,
      unit: "%",
      goal: { atLeast: 80 },
      note: `${first?.inputTokens.toLocaleString("en")} tokens a prompt, judges in line`,
    },
    {
      what: `${name}: a judging round in line over all at once`,
      value: inLine.ms / atOnce.ms,
      unit: "x",
      goal: { atMost: 0.5 },
      note: `${seconds(inLine.ms)} over ${seconds(atOnce.ms)}`,
    },
  ];
}

let rounds = 0;

/** A round over answers that the engine has not seen before. */
async function judgingRound(model: CouncilModel, inLine: boolean): Promise<{ readonly ms: number; readonly usages: readonly Usage[] }> {
  rounds += 1;
  const prompts = ballotPrompts(`Round ${rounds}: why is the sky blue at noon and red in the evening?`);
  const usages: Usage[] = [];
  const ms = await wallMs(() => Promise.all(prompts.map(async (prompt) => usages.push(await judge(model, prompt, inLine)))));
  return { ms, usages };
}

async function judge(model: CouncilModel, prompt: Prompt, inLine: boolean): Promise<Usage> {
  const call = callModel(
    model,
    prompt,
    { clock: systemClock(), ...(inLine ? { head: `round ${rounds}` } : {}) },
    new AbortController().signal,
  );
  for (;;) {
    const { done, value } = await call.next();
    if (done !== true) continue;
    if (value.type !== "replied") throw new Error(`${model.name} did not reply: ${JSON.stringify(value)}`);
    return value.usage;
  }
}

/** The first ballots of a council with personas, as they would be sent. */
function ballotPrompts(question: string): readonly Prompt[] {
  const agents = ["an astronomer", "a painter", "a sceptic"].map((persona, index) => ({
    id: `judge${index + 1}`,
    model: "bench",
    rungs: ["schema"] as const,
    contextTokens: CONTEXT_TOKENS,
    persona: `You are ${persona} and you judge as one.`,
  }));
  const { calls } = simulateRun({
    input: { question },
    agents,
    behave: ({ request, prompt }) =>
      prompt.ballot === undefined ? answer(question, request.agent) : ballotFor(prompt.ballot.choices[0] ?? ""),
  });
  return calls.flatMap(({ request, prompt }) => (request.purpose === "ballot" ? [prompt] : []));
}

function answer(question: string, author: string): string {
  const sentence = (index: number): string =>
    `Point ${index} of ${author} is that blue light is scattered more than red light in clear air.`;
  return `${question}\n${Array.from({ length: SENTENCES }, (_, index) => sentence(index)).join("\n")}`;
}

function cachedPercent({ inputTokens, cachedInputTokens = 0 }: Usage): number {
  return (100 * cachedInputTokens) / inputTokens;
}
