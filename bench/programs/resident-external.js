/**
 * A council of the built library on an engine in another process. Plain JavaScript, since what strips types would be measured too.
 * Parameters: the folder of the build, the engine's origin, the number of agents. Prints what it took as JSON.
 */
const [build, origin, agents] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const { createCouncil } = await import(`${build}/library/index.js`);
const { createLlamaCpp } = await import(`${build}/models/engines/llamacpp/create-llamacpp.js`);
const { seatModel } = await import(`${build}/models/engines/seat-model.js`);

const never = new AbortController().signal;
const engine = createLlamaCpp({ baseUrl: origin });
const [found] = await engine.models(never);
const model = await seatModel(engine, found, {}, never);
const council = createCouncil({ seats: Array.from({ length: agents }, () => ({ model })) });
const { outcome } = await council.ask("Why is the sky blue?", { seed: 1 }).result;
process.stdout.write(`${JSON.stringify({ outcome, maxRssKb: process.resourceUsage().maxRSS })}\n`);
process.exit(0);
