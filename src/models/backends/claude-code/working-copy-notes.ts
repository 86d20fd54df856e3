import { rmdir } from "node:fs/promises";
import { MassgenError } from "../../../core/errors.ts";
import type { Brought } from "../../workspaces/bring-back.ts";
import type { WorkingCopy } from "../../workspaces/working-copy.ts";

interface Settled {
  readonly agent: string;
  readonly copy: WorkingCopy;
  readonly project: string;
  /** The folder of the run, which goes with the last copy in it. */
  readonly place: string;
}

const MOST_NAMED = 5;

/** What becomes of a copy when its run has ended, and what to say of it. Trouble is told, too: the answer stands all the same. */
export async function settled(how: "won" | "lost" | "undecided", { agent, copy, project, place }: Settled): Promise<readonly string[]> {
  try {
    const notes = await settle(how, { agent, copy, project, place });
    // It stays where another copy is in it.
    await rmdir(place).catch(() => undefined);
    return notes;
  } catch (error) {
    const why = error instanceof MassgenError ? error.message : `It could not be read or written: ${(error as Error).message}`;
    return [`The working copy of ${agent} was left in ${copy.files}. ${why}`];
  }
}

async function settle(how: "won" | "lost" | "undecided", { agent, copy, project }: Settled): Promise<readonly string[]> {
  if (how === "won") return broughtNotes(await copy.bringBack(), { copy, project });
  if (how === "undecided" && (await copy.isChanged())) return [`Nobody won: the files of ${agent} are in ${copy.files}.`];
  await copy.remove();
  return [];
}

function broughtNotes({ written, deleted, kept }: Brought, { copy, project }: Pick<Settled, "copy" | "project">): readonly string[] {
  return [
    ...(written.length === 0 ? [] : [`The winner's files are in ${project}: ${named(written)}.`]),
    ...(deleted.length === 0 ? [] : [`The winner deleted in ${project}: ${named(deleted)}.`]),
    ...(kept.length === 0
      ? []
      : [`Changed in ${project} during the run, and so left as it is: ${named(kept)}. The winner's version is in ${copy.files}.`]),
  ];
}

function named(paths: readonly string[]): string {
  const more = paths.length - MOST_NAMED;
  return `${paths.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
