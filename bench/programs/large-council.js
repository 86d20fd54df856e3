/**
 * A whole run of the built library in virtual time, every token a delta. Plain JavaScript, since what strips types would be measured too.
 * Parameters: the folder of the build, the number of agents, the tokens of an answer. Prints what it took as JSON.
 */
const [build, agents, tokens] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const { councilModel, createCouncil } = await import(`${build}/library/index.js`);
const { virtualClock } = await import(`${build}/testing/virtual-clock.js`);

const tokenOf = (seat, place) => String((seat * 7_919 + place) % 10_000).padStart(4);
const ballotFor = (choice) => JSON.stringify({ reason: "It is right.", choice });

/** Writes its answer token by token as it is read; nothing is kept. */
function writer(seat) {
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId: `writer${seat}`,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("the council always streams")),
    doStream: async ({ responseFormat }) => {
      const choice = responseFormat?.schema?.properties.choice.enum[0];
      return { stream: choice === undefined ? streamOf(tokens, (place) => tokenOf(seat, place)) : streamOf(1, () => ballotFor(choice)) };
    },
  };
}

function streamOf(last, delta) {
  let written = 0;
  const pull = (controller) => {
    if (written < last) return controller.enqueue({ type: "text-delta", id: "text", delta: delta(written++) });
    const usage = { inputTokens: { total: 100 }, outputTokens: { total: written } };
    controller.enqueue({ type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage });
    controller.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

const clock = virtualClock();
const council = createCouncil({
  seats: Array.from({ length: agents }, (_, seat) => ({ model: councilModel(writer(seat)) })),
  settings: { bounds: { runTokens: 1_000_000_000 } },
  clock,
});
const { outcome, calls } = await clock.runUntil(council.ask("Why is the sky blue?", { seed: 1 }).result);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(`${JSON.stringify({ outcome, calls, maxRssKb: maxRSS, cpuUs: userCPUTime + systemCPUTime })}\n`);
