/**
 * A whole run in virtual time: agents and tokens of each answer are the parameters, every token is a delta. Prints what it took as JSON.
 */
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { councilModel, createCouncil } from "../../src/library/index.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { firstChoice } from "../first-choice.ts";

const [agents = 0, tokens = 0] = process.argv.slice(2).map(Number);
const CHARACTERS_PER_TOKEN = 4;

/** Writes its answer token by token as it is read; nothing is kept. */
function writer(seat: number): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId: `writer${seat}`,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("the council always streams")),
    doStream: async (call) => ({ stream: streamOf(firstChoice(call), seat) }),
  };
}

function streamOf(ballot: string | undefined, seat: number): ReadableStream<LanguageModelV4StreamPart> {
  const last = ballot === undefined ? tokens : 1;
  let written = 0;
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull(controller) {
        if (written < last) {
          const delta =
            ballot ??
            String((seat * 7_919 + written) % 10_000)
              .slice(-CHARACTERS_PER_TOKEN)
              .padStart(CHARACTERS_PER_TOKEN);
          written += 1;
          return controller.enqueue({ type: "text-delta", id: "text", delta });
        }
        controller.enqueue({
          type: "finish",
          finishReason: { unified: "stop", raw: "stop" },
          usage: {
            inputTokens: { total: 100, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
            outputTokens: { total: written, text: undefined, reasoning: undefined },
          },
        });
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const clock = virtualClock();
const council = createCouncil({
  seats: Array.from({ length: agents }, (_, seat) => ({ model: councilModel(writer(seat)) })),
  settings: { bounds: { runTokens: 1_000_000_000 } },
  clock,
});
const run = council.ask("Why is the sky blue?", { seed: 1 });
const { outcome, calls, answer } = await clock.runUntil(run.result);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const report = { outcome, calls, characters: answer?.length ?? 0, maxRss: maxRSS * 1024, cpuUs: userCPUTime + systemCPUTime };
process.stdout.write(`${JSON.stringify(report)}\n`);
