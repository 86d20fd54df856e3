import { MassgenError } from "../core/errors.ts";
import type { RunStarted } from "../core/facts/run.ts";
import type { Blobs } from "../log/blobs.ts";

/**
 * Throws `config` for a file of a run, or of the conversation before it, whose contents are gone.
 * @param hint what to do then
 */
export function requireBlobs({ attachments = [], history }: Pick<RunStarted, "attachments" | "history">, blobs: Blobs, hint: string): void {
  const all = [...history.flatMap((turn) => turn.attachments ?? []), ...attachments];
  const gone = all.find(({ id }) => blobs.read(id) === undefined);
  if (gone !== undefined)
    throw new MassgenError("config", `The file ${gone.name}, which was attached before, is not kept any more.`, { hint });
}
