import { MassgenError } from "../core/errors.ts";
import type { Attachment } from "../core/facts/attachment.ts";
import { blobId } from "../log/blobs.ts";
import { MOST_BYTES_IN_ALL, MOST_TEXT_BYTES, tooLarge } from "./limits.ts";
import { type Contents, type FileSource, readSource } from "./read-source.ts";
import { readingCost } from "./reading-cost.ts";
import { sniff } from "./sniff.ts";

/** A file that was checked, with its contents. */
export interface TakenFile {
  readonly attachment: Attachment;
  readonly bytes: Uint8Array;
}

const LONGEST_NAME = 120;
const TAKEN = "massgen takes PNG, JPEG, GIF and WebP images, PDFs, and text in UTF-8.";

/**
 * Reads and checks the files of one question, in their order; those that were taken in already only count. Equal contents are taken once.
 * @throws MassgenError `config`, one sentence for the first file that cannot be taken
 */
export async function takeIn(files: readonly (FileSource | TakenFile)[]): Promise<readonly TakenFile[]> {
  const taken = new Map<string, TakenFile>();
  for (const given of files) {
    const file = isTaken(given) ? given : await takenFrom(given);
    const { id } = file.attachment;
    taken.set(id, taken.get(id) ?? file);
    const total = [...taken.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (total > MOST_BYTES_IN_ALL) throw tooLarge("All that is attached together", total, MOST_BYTES_IN_ALL);
  }
  return [...taken.values()];
}

export function isTaken(file: FileSource | TakenFile): file is TakenFile {
  return typeof file === "object" && "attachment" in file;
}

/** What is wrong with a file that a config names is told with the place there. */
async function takenFrom(source: FileSource): Promise<TakenFile> {
  const { place, mustBe } = typeof source === "object" && "path" in source ? source : {};
  try {
    return await check(await readSource(source), mustBe);
  } catch (error) {
    if (!(error instanceof MassgenError) || place === undefined) throw error;
    throw new MassgenError(error.code, `${place}: ${error.message}`, { ...(error.hint && { hint: error.hint }), cause: error });
  }
}

async function check({ where, name, bytes }: Contents, mustBe: "image" | undefined): Promise<TakenFile> {
  if (bytes.length === 0) throw new MassgenError("config", `The file ${where} is empty.`);
  const found = await sniff(bytes);
  if (found.type === "other") throw new MassgenError("config", `The file ${where} is ${found.what}.`, { hint: TAKEN });
  const { kind, mediaType } = found;
  if (mustBe !== undefined && kind !== mustBe) {
    const what = kind === "pdf" ? "a PDF" : "text";
    throw new MassgenError("config", `The file ${where} is ${what}, not an image.`, { hint: `Attach it with --file ${where}` });
  }
  if (kind === "text" && bytes.length > MOST_TEXT_BYTES) throw tooLarge(`The text ${where}`, bytes.length, MOST_TEXT_BYTES);
  const tokens = readingCost(found, bytes);
  return { attachment: { id: blobId(bytes), name: oneLine(name), mediaType, bytes: bytes.length, kind, tokens }, bytes };
}

/** Names stand in prompts and on terminals. The end of a long one, with its suffix, says as much as its beginning. */
function oneLine(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}"<>]/gu, "_").trim();
  const half = LONGEST_NAME / 2;
  const short = line.length > LONGEST_NAME ? `${line.slice(0, half)}…${line.slice(-half)}` : line;
  return short === "" ? "file" : short.toWellFormed();
}
