import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MassgenError, troubles } from "../core/errors.ts";
import { redactKeyPatterns } from "../log/key-patterns.ts";
import { makeFolder } from "../log/make-folder.ts";
import { plainText } from "../views/plain-text.ts";
import type { Level } from "./command.ts";
import { Interrupted } from "./interruptible.ts";
import { createNarrator } from "./narrator.ts";
import type { Io } from "./io.ts";
import { foldersOf } from "./session.ts";

const INTERRUPTED = 4;
const BUG = 70;

export interface Told {
  readonly level: Level;
  readonly noColor: boolean;
  readonly secrets: ReadonlySet<string>;
}

/** Tells a person what went wrong, without secrets, and returns the exit code. What nobody foresaw is a bug and is told as one. */
export async function reportError(error: unknown, io: Io, { level, noColor, secrets }: Told): Promise<number> {
  const narrator = createNarrator(io, level, noColor);
  const hide = await hiderOf(secrets);
  const told = (text: string): string => plainText(hide(text));
  if (error instanceof MassgenError) {
    narrator.error(told(error.message), error.hint === undefined ? undefined : told(error.hint));
    return troubles[error.code].exit;
  }
  if (error instanceof Interrupted) {
    narrator.error("Interrupted before there was an answer.");
    return INTERRUPTED;
  }
  const details = hide(detailsOf(error));
  const place = writeDetails(details, io);
  const [first = ""] = details.split("\n");
  narrator.error(`This is a bug in massgen: ${told(first)}`, place === undefined ? undefined : `Details: ${place}`);
  if (level === "debug" || (io.environment["MASSGEN_DEBUG"] ?? "") !== "") io.stderr.write(`${told(details)}\n`);
  return BUG;
}

/** The list of facts, which redaction by secret needs, is not loaded for a mistyped flag. */
async function hiderOf(secrets: ReadonlySet<string>): Promise<(text: string) => string> {
  if (secrets.size === 0) return redactKeyPatterns;
  const { redactText } = await import("../log/redaction.ts");
  return (text) => redactText(text, [...secrets]);
}

function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${detailsOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Undefined where no file can be written: the bug matters more. */
function writeDetails(details: string, io: Io): string | undefined {
  const { data } = foldersOf(io);
  const file = join(data, "last-bug.txt");
  try {
    makeFolder(data);
    writeFileSync(file, `${new Date(io.clock.now()).toISOString()}\nnode ${process.version}\n${details}\n`, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}
