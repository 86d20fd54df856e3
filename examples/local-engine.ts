/** Asks a council on whatever engine runs on this machine: `node examples/local-engine.ts "Why is the sky blue?"` */
import { createCouncil, discover, type Engine, engineAt, type EngineModel, type Looking, seatModel } from "massgen";

/** The model in memory, else the first of the first engine that has one. */
async function findModel(where: Looking, signal: AbortSignal): Promise<{ readonly engine: Engine; readonly model: EngineModel }> {
  for (const place of await discover(where, signal)) {
    const engine = await engineAt(place);
    const models = (await engine?.models(signal)) ?? [];
    const model = models.find(({ loaded }) => loaded?.value === true) ?? models[0];
    if (engine !== undefined && model !== undefined) return { engine, model };
  }
  throw new Error("No engine on this machine has a model.");
}

export async function askLocally(question: string, where: Looking = {}, signal = new AbortController().signal): Promise<string> {
  const { engine, model } = await findModel(where, signal);
  const seats = await Promise.all(
    ["You check every claim.", "You give examples.", "You question the question."].map(async (systemMessage, place) => ({
      model: await seatModel(engine, model, { contextTokens: 8192, sampling: { temperature: 0.4 + 0.3 * place } }, signal),
      systemMessage,
    })),
  );
  const council = createCouncil({ seats });
  try {
    const { answer } = await council.ask(question, { signal }).result;
    return `${model.id} at ${engine.name}: ${answer ?? "no answer"}`;
  } finally {
    await council.close();
  }
}

if (import.meta.main) process.stdout.write(`${await askLocally(process.argv[2] ?? "Why is the sky blue?")}\n`);
