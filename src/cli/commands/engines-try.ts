import { appendFileSync, existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { modelsOf, type Place, placeOfModel } from "../../config/models-here.ts";
import { createEmbeddedEngine } from "../../models/engines/embedded/create-embedded-engine.ts";
import { makeFolder } from "../../log/make-folder.ts";
import { modelsTable } from "../../models/trial/models-table.ts";
import { trialTokens, tryModel } from "../../models/trial/try-model.ts";
import type { Command } from "../command.ts";
import { listingsFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import { foldersOf, type Session } from "../session.ts";

/** Where a model is: in a file that was named, or on one of the engines. */
async function placeOf(wanted: string, where: string | undefined, session: Session, signal: AbortSignal): Promise<Place> {
  const isFile = /\.gguf$/iu.test(wanted) && existsSync(wanted);
  if (!isFile) return placeOfModel(wanted, await listingsFor(where, session, signal));
  const engine = createEmbeddedEngine({ modelsDir: dirname(resolve(wanted)), enginesDir: foldersOf(session.io).engines });
  const found = { origin: engine.origin, name: engine.name, probe: await engine.probe(signal), engine };
  return placeOfModel(basename(wanted), await modelsOf([found], signal));
}

/** Tries one model of an engine without a council; prints its row and keeps it in the folder of runs. */
export async function tryOnEngine(
  { model: wanted, engine: where }: Command & { readonly type: "try-model" },
  session: Session,
): Promise<number> {
  const { io, output, narrator } = session;
  const folders = foldersOf(io);
  const tell = (text: string): void => narrator.line({ tone: "plain", text });
  const trial = await interruptible(io, async (signal) => {
    const { engine, model } = await placeOf(wanted, where, session, signal);
    tell(`Trying ${model.id} on ${engine.name}: it will write at most ${await trialTokens(engine, model)} tokens there.`);
    try {
      return await tryModel(engine, model, { how: "real", clock: io.clock, everyRung: true }, signal);
    } finally {
      if (engine.kind === "embedded") await engine.unload?.(model.id, new AbortController().signal);
    }
  });
  makeFolder(folders.data);
  const file = join(folders.data, "tried-models.jsonl");
  appendFileSync(file, `${JSON.stringify(trial)}\n`);
  io.stdout.write(output.json ? `${JSON.stringify(trial)}\n` : `${modelsTable([trial])}\n`);
  await io.stdout.flushed();
  tell(`Kept in ${file}. In a clone of massgen "node scripts/models-page.ts ${file}" puts it into docs/models.md, for a pull request.`);
  return trial.chosen.rung === undefined ? 2 : 0;
}
