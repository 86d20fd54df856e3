import { sizeInWords } from "../../models/files/catalogue.ts";
import { pullModel } from "../../models/files/pull-model.ts";
import { statSync } from "node:fs";
import type { Command } from "../arguments.ts";
import { downloadBar } from "../download-bar.ts";
import { interruptible } from "../interruptible.ts";
import { foldersOf, type Session } from "../session.ts";

/** Makes a model file available; its path goes to standard output. */
export async function pull({ source }: Extract<Command, { type: "pull-model" }>, session: Session): Promise<number> {
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
