/**
 * Councils of the built library on a model in this process. Parameters: the folder of the build, the model file, the agents of the first
 * council, the lanes of their model, tokens of a context, further councils: of one agent, every fifth of two. Prints resident bytes as
 * JSON: before anything was loaded, after each council, after the last agent has closed. Needs --expose-gc.
 */
const [build, path] = process.argv.slice(2);
const [agents, lanes, contextTokens, more] = process.argv.slice(4).map(Number);
const { createCouncil, createEmbedded } = await import(`${build}/library/index.js`);

function resident() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage.rss();
}

const models = Array.from({ length: agents }, () => createEmbedded({ path, lanes, contextTokens, sampling: { maxTokens: 8 } }));
const settings = { finalAnswer: "winner_reuse", bounds: { answersPerAgent: 1 } };

async function hold(seats, seed) {
  const council = createCouncil({ seats: seats.map((model) => ({ model })), settings });
  await council.ask(`${seed}. Why is the sky blue?`, { seed }).result;
  return council;
}

const before = resident();
const first = await hold(models, 1);
const after = [resident()];
for (let seed = 2; seed < 2 + more; seed += 1) {
  await hold(models.slice(0, seed % 5 === 0 ? 2 : 1), seed);
  after.push(resident());
}
await first.close();
const closed = resident();
process.stdout.write(`${JSON.stringify({ before, after, closed, maxRssKb: process.resourceUsage().maxRSS })}\n`);
process.exit(0);
