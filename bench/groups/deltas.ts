import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Prompt } from "../../src/core/messages.ts";
import { createChatCompletion } from "../../src/models/backends/chatcompletion/create-chat-completion.ts";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { createQueue } from "../../src/models/queue/engine-queue.ts";
import { cpuUs, interleaved } from "../measure.ts";
import type { Row } from "../rows.ts";
import { startProgram } from "../start-program.ts";

const FEW = 2_000;
const SOME = 1_000;
const MANY = 200_000;
const PROMPT: Prompt = {
  messages: [{ role: "user", text: "Why is the sky blue?" }],
  maxOutputTokens: 10_000_000,
  maxTextTokens: 10_000_000,
};
const BARE: LanguageModelV4CallOptions = { prompt: [{ role: "user", content: [{ type: "text", text: "Why is the sky blue?" }] }] };

/** CPU time that a delta costs: ours through `callModel`, bare by reading the stream of `doStream`. */
export async function measureDeltas(): Promise<readonly Row[]> {
  return [...(await inMemory()), ...(await overHttp())];
}

interface Pair {
  readonly bare: (deltas: number) => Promise<unknown>;
  readonly ours: (deltas: number) => Promise<unknown>;
}

/** Microseconds a delta. */
interface Cost {
  readonly bare: number;
  readonly ours: number;
  readonly ratio: number;
}

async function compare({ bare, ours }: Pair, deltas: number, { calls, times }: { calls: number; times: number }): Promise<Cost> {
  const cost = (read: Pair["bare"]) => async (): Promise<number> => {
    const used = await cpuUs(async () => {
      for (let call = 0; call < calls; call += 1) await read(deltas);
    });
    return used / deltas / calls;
  };
  const [bareCost = 0, oursCost = 0] = await interleaved(times, [cost(bare), cost(ours)]);
  return { bare: bareCost, ours: oursCost, ratio: oursCost / bareCost };
}

async function readBare(model: LanguageModelV4): Promise<void> {
  const { stream } = await model.doStream(BARE);
  const reader = stream.getReader();
  for (let end = false; !end;) ({ done: end } = await reader.read());
}

async function readOurs(model: CouncilModel): Promise<void> {
  const call = callModel(model, PROMPT, { clock: systemClock() }, new AbortController().signal);
  for (;;) {
    const { done, value } = await call.next();
    if (!done) continue;
    if (value.type !== "replied" || value.finish !== "stop") throw new Error(`the call ended as ${JSON.stringify(value)}`);
    return;
  }
}

async function inMemory(): Promise<readonly Row[]> {
  const pair: Pair = {
    bare: (deltas) => readBare(streaming(deltas)),
    ours: (deltas) =>
      readOurs({
        languageModel: streaming(deltas),
        name: "streaming",
        rungs: ["schema"],
        sampling: {},
        timeouts: { firstTokenMs: 600_000, stallMs: 120_000 },
        queue: createQueue({ slots: 8, sharing: "blocks" }),
      }),
  };
  // The same number of deltas in every measurement, so that collecting garbage falls on each alike.
  await compare(pair, FEW, { calls: 100, times: 2 });
  const few = await compare(pair, FEW, { calls: 100, times: 5 });
  const many = await compare(pair, MANY, { calls: 1, times: 5 });
  return [
    { what: "adapter alone, on a stream in memory: CPU a delta", value: few.ours, unit: "us", note: `bare stream ${us(few.bare)}` },
    { what: "adapter alone: growth from 2,000 to 200,000 deltas", value: many.ours / few.ours, unit: "x", goal: { atMost: 1.2 } },
  ];
}

/** Enough different ones that no reply is taken for a loop and cut. */
const PARTS = Array.from({ length: 256 }, (_, index): LanguageModelV4StreamPart => ({
  type: "text-delta",
  id: "text",
  delta: `w${index} `,
}));

/** A model whose stream costs next to nothing. */
function streaming(deltas: number): LanguageModelV4 {
  const last: LanguageModelV4StreamPart = {
    type: "finish",
    finishReason: { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 10, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: deltas, text: undefined, reasoning: undefined },
    },
  };
  let left = deltas;
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId: "streaming",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("the council always streams")),
    doStream: async () => ({
      stream: new ReadableStream<LanguageModelV4StreamPart>({
        pull(controller) {
          left -= 1;
          controller.enqueue((left >= 0 ? PARTS[left % PARTS.length] : undefined) ?? last);
          if (left < 0) controller.close();
        },
      }),
    }),
  };
}

async function overHttp(): Promise<readonly Row[]> {
  const server = await startProgram(new URL("../programs/delta-server.ts", import.meta.url));
  try {
    const burst = pairOver(server.said, "burst");
    await compare(burst, FEW, { calls: 50, times: 1 });
    const few = await compare(burst, FEW, { calls: 20, times: 5 });
    const many = await compare(burst, MANY, { calls: 1, times: 3 });
    const slow = await compare(pairOver(server.said, "paced"), SOME, { calls: 1, times: 5 });
    return [
      costRow("2,000 deltas at full speed", few),
      costRow("200,000 deltas at full speed", many),
      costRow("1,000 deltas a millisecond apart", slow),
      {
        what: "growth of the CPU a delta from 2,000 to 200,000 deltas",
        value: many.ours / few.ours,
        unit: "x",
        goal: { atMost: 1.2 },
        note: `bare ${(many.bare / few.bare).toFixed(2)}x`,
      },
    ];
  } finally {
    server.stop();
  }
}

function costRow(what: string, { bare, ours, ratio }: Cost): Row {
  const note = `${us(ours)} over ${us(bare)}`;
  return { what: `CPU a delta over bare doStream, ${what}`, value: ratio, unit: "x", goal: { atMost: 1.3 }, note };
}

/** Our whole backend against the provider of the AI SDK with the `fetch` of Node. */
function pairOver(address: string, pace: "burst" | "paced"): Pair {
  const baseURL = (deltas: number): string => `${address}/${deltas}/${pace}/v1`;
  return {
    bare: (deltas) => readBare(createOpenAICompatible({ name: "bare", baseURL: baseURL(deltas), includeUsage: true }).chatModel("bench")),
    ours: (deltas) => readOurs(createChatCompletion({ model: "bench", baseUrl: baseURL(deltas) })),
  };
}

function us(value: number): string {
  return `${value.toFixed(1)} us`;
}
