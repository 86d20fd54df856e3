import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { configErrors } from "./diagnostics.ts";

const fileTroubles: Readonly<Record<string, string>> = {
  EISDIR: "is a folder",
  EACCES: "may not be read",
  EPERM: "may not be read",
};

/**
 * Reads a file that somebody named as UTF-8, without a byte order mark.
 * @param what names its kind in sentences: `config file`
 * @throws MassgenError `config` when there is no such file or it is no such text
 */
export function readTextFile(file: string, what: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new MassgenError("config", `There is no ${what} ${file}.`, { ...similarFile(file), cause: error });
    }
    throw new MassgenError("config", `The ${what} ${file} ${fileTroubles[code] ?? `cannot be read: ${message}`}.`, { cause: error });
  }
  const bad = firstBadLine(bytes);
  if (bad !== undefined) throw configErrors([`${file}:${bad}:1: This is not UTF-8 text; save the file as UTF-8.`]);
  return new TextDecoder("utf-8").decode(bytes);
}

/** A hint at a file beside it that was perhaps meant. */
export function similarFile(file: string): { readonly hint?: string } {
  const meant = nearest(basename(file), namesIn(dirname(file)));
  return meant === undefined ? {} : { hint: `Did you mean ${meant}?` };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The first line that is not UTF-8; undefined when all are. */
function firstBadLine(bytes: Buffer): number | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let start = 0;
  for (let line = 1; start <= bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return undefined;
}
