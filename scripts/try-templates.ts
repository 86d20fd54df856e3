/** `npm run test:templates`: every chat template of ../shared over SmolLM2's weights on a real llama-server; keeps what came of it. With words: only those whose names hold one. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/models/clock.ts";
import { createLlamaCpp } from "../src/models/engines/llamacpp/create-llamacpp.ts";
import type { Engine, EngineModel } from "../src/models/engines/engine.ts";
import { quietly } from "../src/models/engines/engine-server.ts";
import type { Trial } from "../src/models/trial/trial.ts";
import { tryModel } from "../src/models/trial/try-model.ts";
import { startLlamaServer } from "../test/engines/llama-server.ts";
import { keepTrials } from "./tried-models.ts";

const FOLDER = fileURLToPath(new URL("../../shared/fixtures/chat-templates/", import.meta.url));
const REAL = "SmolLM2-135M-Instruct";

async function tryTemplate(name: string, template?: string): Promise<Trial> {
  const server = await startLlamaServer({ slots: 1, ...(template === undefined ? {} : { template }) });
  try {
    const engine = createLlamaCpp({ baseUrl: server.baseUrl });
    const signal = new AbortController().signal;
    const model = await modelOf(engine, signal);
    const how = template === undefined ? "real" : "template";
    return await tryModel(engine, model, { how, name, clock: systemClock(), everyRung: how === "real" }, signal);
  } finally {
    await server.close();
  }
}

/** The machine may be busy: what is promised within half a second takes longer then. */
async function modelOf(engine: Engine, signal: AbortSignal): Promise<EngineModel> {
  for (let left = 10; ; left -= 1) {
    const [model] = (await quietly(engine.models(signal))) ?? [];
    if (model !== undefined) return model;
    if (left === 0) throw new Error(`${engine.name} does not tell its model`);
  }
}

const [, , ...wanted] = process.argv;
const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith(".jinja") ? [file.slice(0, -".jinja".length)] : []));
for (const name of [REAL, ...names].filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))) {
  const trial = await tryTemplate(name, name === REAL ? undefined : readFileSync(`${FOLDER}${name}.jinja`, "utf8"));
  keepTrials([trial]);
  const { chosen, refused, prompts, reasoning } = trial;
  const ballot = `ballot ${chosen.rung ?? `none (${chosen.why})`} after ${chosen.attempts}`;
  const draft = trial.draftFailed ?? `reasoning ${reasoning}`;
  process.stdout.write(`${name}: ${prompts - refused.length}/${prompts} prompts, ${ballot}, ${draft}\n`);
}
process.exit(0);
