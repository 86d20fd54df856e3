import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { MassgenError } from "../core/errors.ts";
import type { Attachment } from "../core/facts/attachment.ts";
import { nearest } from "../core/nearest.ts";
import { fileSize } from "../core/prompts/attachments-in-prompt.ts";
import { blobId } from "../log/blobs.ts";
import { readingCost } from "./reading-cost.ts";
import { sniff, type Sniffed } from "./sniff.ts";

/** A file by its path (`~/` is the home folder), or contents that are there already. */
export type FileSource =
  | string
  | { readonly path: string; readonly mustBe: "image" }
  | { readonly name: string; readonly data: Uint8Array };

const MB = 1_000_000;
/** Bytes of one file, of a text, and of all files of a question. */
const MOST_BYTES = 20 * MB;
const MOST_TEXT_BYTES = MB;
const MOST_BYTES_IN_ALL = 50 * MB;
const LONGEST_NAME = 120;
const TAKEN = "massgen takes PNG, JPEG, GIF and WebP images, PDFs, and text in UTF-8.";

/** A file that was checked, with its contents. */
export interface TakenFile {
  readonly attachment: Attachment;
  readonly bytes: Uint8Array;
}

/**
 * Reads and checks files. Equal contents are taken once.
 * @param folder where relative paths begin
 * @throws MassgenError `config`, one sentence for the first file that cannot be taken
 */
export async function takeIn(sources: readonly FileSource[], folder = "."): Promise<readonly TakenFile[]> {
  const contents: Contents[] = [];
  let total = 0;
  for (const source of sources) {
    const read = await contentsOf(source, folder);
    total += read.bytes.length;
    if (total > MOST_BYTES_IN_ALL) throw refused(`The files of this question are ${fileSize(total)} together`, MOST_BYTES_IN_ALL);
    contents.push(read);
  }
  const taken = await Promise.all(contents.map(check));
  return taken.filter(({ attachment: { id } }, index) => taken.findIndex(({ attachment }) => attachment.id === id) === index);
}

interface Contents {
  /** For sentences. */
  readonly where: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mustBe?: "image";
}

async function contentsOf(source: FileSource, folder: string): Promise<Contents> {
  if (typeof source === "object" && "data" in source) {
    const { name, data } = source;
    if (data.length > MOST_BYTES) throw refused(`The file "${name}" is ${fileSize(data.length)}`, MOST_BYTES);
    return { where: `"${name}"`, name: oneLine(name), bytes: data };
  }
  const { path, mustBe } = typeof source === "string" ? { path: source } : source;
  return { where: path, name: oneLine(basename(path)), bytes: await bytesAt(path, folder), ...(mustBe && { mustBe }) };
}

/** A file is looked at before it is read: a pipe might never end, and a device is no file. */
async function bytesAt(given: string, folder: string): Promise<Uint8Array> {
  const path = resolve(folder, given.replace(/^~(?=[/\\])/u, homedir()));
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new MassgenError("config", `${given} is a folder.`, { hint: "Name the files in it, one by one." });
    if (!found.isFile()) throw new MassgenError("config", `${given} is no regular file.`, { hint: "Save what it gives to a file first." });
    if (found.size > MOST_BYTES) throw refused(`The file ${given} is ${fileSize(found.size)}`, MOST_BYTES);
    return await readFile(path);
  } catch (error) {
    if (error instanceof MassgenError) throw error;
    throw await unreadable(given, path, error);
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

async function check({ where, name, bytes, mustBe }: Contents): Promise<TakenFile> {
  if (bytes.length === 0) throw new MassgenError("config", `The file ${where} is empty.`);
  const found = await sniff(bytes);
  if (found.type === "other") throw new MassgenError("config", `The file ${where} is ${found.what}.`, { hint: TAKEN });
  if (mustBe !== undefined && found.kind !== mustBe) throw noImage(where, found);
  if (found.kind === "text" && bytes.length > MOST_TEXT_BYTES)
    throw refused(`The text ${where} is ${fileSize(bytes.length)}`, MOST_TEXT_BYTES);
  const { kind, mediaType } = found;
  return { attachment: { id: blobId(bytes), name, mediaType, bytes: bytes.length, kind, tokens: readingCost(found, bytes) }, bytes };
}

function noImage(where: string, { kind }: Extract<Sniffed, { type: "known" }>): MassgenError {
  const what = kind === "pdf" ? "a PDF" : "text";
  return new MassgenError("config", `The file ${where} is ${what}, not an image.`, { hint: `Attach it with --file ${where}` });
}

function refused(what: string, limit: number): MassgenError {
  return new MassgenError("config", `${what}; the most is ${fileSize(limit)}.`, { hint: "Cut it down to what matters for the question." });
}

/** Names stand in prompts and on terminals. */
function oneLine(name: string): string {
  const line = name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}"<>]/gu, "_")
    .trim();
  return (
    (line.length > LONGEST_NAME
      ? `${line.slice(0, LONGEST_NAME / 2).toWellFormed()}…${line.slice(-LONGEST_NAME / 2).toWellFormed()}`
      : line) || "file"
  );
}
