import { MassgenError } from "../core/errors.ts";
import { fileSize } from "../core/prompts/attachments-in-prompt.ts";

const MB = 1_000_000;
/** Bytes of one file, of a text, and of all files of a question. */
export const MOST_BYTES = 20 * MB;
export const MOST_TEXT_BYTES = MB;
export const MOST_BYTES_IN_ALL = 50 * MB;

/** @param what is too large: `The file photo.png` */
export function tooLarge(what: string, bytes: number, limit: number): MassgenError {
  const hint = "Cut it down to what matters for the question.";
  return new MassgenError("config", `${what} has ${fileSize(bytes)}; the most is ${fileSize(limit)}.`, { hint });
}
