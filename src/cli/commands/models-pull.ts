import { statSync } from "node:fs";
import { orSentence } from "../../config/look-at-address.ts";
import { MassgenError } from "../../core/errors.ts";
import type { Engine } from "../../models/engines/engine.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { pullModel } from "../../models/files/pull-model.ts";
import type { Command } from "../command.ts";
import { downloadBar } from "../download-bar.ts";
import { enginesFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import { plainFacts } from "../model-rows.ts";
import { foldersOf, type Session } from "../session.ts";
import { attempt } from "./models-load.ts";

type Pull = Extract<Command, { type: "pull-model" }>;

/** Makes a model available: to the embedded engine, or to the one that is named. */
export async function pull({ source, engine: where }: Pull, session: Session): Promise<number> {
  if (where === undefined || where.toLowerCase() === "embedded") return pullFile(source, session);
  const engine = await interruptible(session.io, async (signal) => {
    const [found] = await enginesFor(where, session, signal);
    if (found?.engine === undefined) throw new MassgenError("config", `${where} is no engine.`);
    await pullTo(found.engine, source, session, signal);
    return found.engine;
  });
  return tellPulled(engine, source, session);
}

/** Its path goes to standard output. */
async function pullFile(source: string, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const options = {
    modelsDir: foldersOf(io).models,
    announce: (sentence: string): void => narrator.line({ tone: "plain", text: sentence }),
    onProgress: downloadBar(session),
  };
  const pulled = await interruptible(io, (signal) => pullModel(source, options, signal));
  narrator.status("");
  const bytes = statSync(pulled.path).size;
  const checked = pulled.verified ? "its checksum is right" : "nobody named a checksum for it";
  const text = pulled.alreadyThere ? `It is here already (${sizeInWords(bytes)}).` : `It is here (${sizeInWords(bytes)}; ${checked}).`;
  narrator.line({ tone: "result", text });
  io.stdout.write(output.json ? `${JSON.stringify({ ...pulled, bytes })}\n` : `${pulled.path}\n`);
  await io.stdout.flushed();
  return 0;
}

/** Its size is said as soon as the engine tells it, before most of it has come. */
async function pullTo(engine: Engine, name: string, session: Session, signal: AbortSignal): Promise<void> {
  const { narrator } = session;
  if (engine.pull === undefined) {
    throw new MassgenError("config", `${engine.name} fetches its model itself when it is started with its name; it cannot be told to.`);
  }
  const bar = downloadBar(session);
  let saidSize = false;
  let doing = "";
  await attempt(engine, async () => {
    for await (const progress of engine.pull?.(name, signal) ?? []) {
      const { receivedBytes, totalBytes } = progress;
      if (progress.doing !== undefined && progress.doing !== doing) narrator.line({ tone: "faint", text: (doing = progress.doing) });
      if (totalBytes !== undefined && !saidSize) {
        saidSize = true;
        narrator.line({ tone: "plain", text: `Downloading ${name}, ${sizeInWords(totalBytes)}, by ${engine.name}` });
      }
      if (receivedBytes !== undefined) bar({ received: receivedBytes, ...(totalBytes !== undefined && { total: totalBytes }) });
    }
  });
  narrator.status("");
}

async function tellPulled(engine: Engine, name: string, { io, output, narrator }: Session): Promise<number> {
  const listed = await interruptible(io, (signal) => orSentence(engine, engine.models(signal)));
  const model = "value" in listed ? listed.value.find(({ id }) => id === name || id === `${name}:latest`) : undefined;
  const id = model?.id ?? name;
  narrator.line({ tone: "result", text: `It is at ${engine.name}.` });
  const { kind, origin } = engine;
  io.stdout.write(output.json ? `${JSON.stringify({ engine: kind, origin, name: id, ...(model && plainFacts(model)) })}\n` : `${id}\n`);
  await io.stdout.flushed();
  return 0;
}
