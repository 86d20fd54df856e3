import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { MOST_BYTES, tooLarge } from "./limits.ts";

/** A file by its path (`~/` is the home folder), with where that is written (`council.yaml:3:5`), or contents that are there already. */
export type FileSource =
  | string
  | { readonly path: string; readonly mustBe?: "image"; readonly place?: string }
  | { readonly name: string; readonly data: Uint8Array };

export interface Contents {
  /** For sentences. */
  readonly where: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @throws MassgenError `config` for what is no file that may be read, or is too large */
export async function readSource(source: FileSource): Promise<Contents> {
  if (typeof source === "object" && "data" in source) {
    const { name, data: bytes } = source;
    if (bytes.length > MOST_BYTES) throw tooLarge(`The file ${name}`, bytes.length, MOST_BYTES);
    return { where: name, name, bytes };
  }
  const path = typeof source === "string" ? source : source.path;
  if (/^[a-z]+:\/\//iu.test(path)) {
    throw new MassgenError("config", `${path} is an address, and only files of this machine can be attached.`, {
      hint: "Save it to a file first.",
    });
  }
  return { where: path, name: basename(path), bytes: await bytesAt(path) };
}

/** A file is looked at before it is read: a pipe might never end, and a device is no file. */
async function bytesAt(given: string): Promise<Uint8Array> {
  const path = resolve(given.replace(/^~(?=[/\\])/u, homedir()));
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new MassgenError("config", `${given} is a folder.`, { hint: "Name the files in it, one by one." });
    if (!found.isFile()) throw new MassgenError("config", `${given} is no regular file.`, { hint: "Save what it gives to a file first." });
    if (found.size > MOST_BYTES) throw tooLarge(`The file ${given}`, found.size, MOST_BYTES);
    return await readFile(path);
  } catch (error) {
    throw error instanceof MassgenError ? error : await unreadable(given, path, error);
  }
}

async function unreadable(given: string, path: string, error: unknown): Promise<MassgenError> {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") {
    const meant = nearest(basename(path), await readdir(dirname(path)).catch(() => []));
    const hint = meant === undefined ? {} : { hint: `Did you mean ${meant}?` };
    return new MassgenError("config", `There is no file ${given}.`, { ...hint, cause: error });
  }
  const why = code === "EACCES" || code === "EPERM" ? "may not be read" : `cannot be read: ${message}`;
  return new MassgenError("config", `The file ${given} ${why}.`, { cause: error });
}
