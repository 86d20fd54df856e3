import { installEmbedded } from "../../models/backends/embedded/install-engine.ts";
import { interruptible } from "../interruptible.ts";
import { foldersOf, type Session } from "../session.ts";

/** Installs the embedded engine; its folder goes to standard output. */
export async function addEngine({ io, output, narrator }: Session): Promise<number> {
  const isTold = output.level === "verbose" || output.level === "debug";
  const options = {
    enginesDir: foldersOf(io).engines,
    announce: (sentence: string): void => narrator.line({ tone: "plain", text: sentence }),
    ...(isTold && { onOutput: (text: string) => narrator.line({ tone: "faint", text: text.trimEnd() }) }),
  };
  const folder = await interruptible(io, (signal) => installEmbedded(options, signal));
  narrator.line({ tone: "result", text: "The embedded engine is installed." });
  io.stdout.write(output.json ? `${JSON.stringify({ engine: "embedded", folder })}\n` : `${folder}\n`);
  await io.stdout.flushed();
  return 0;
}
