import { lstat, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copyInto } from "./copy-file.ts";
import { fingerprint } from "./fingerprint.ts";
import { filesOfCopy, type FolderLimits } from "./project-files.ts";

/** What became of the changes in a copy, by path. */
export interface Brought {
  readonly written: readonly string[];
  readonly deleted: readonly string[];
  /** Changed in the project, too: there they stay as they are. */
  readonly kept: readonly string[];
}

/** What was copied, by path: the state in which it was taken. */
export type Taken = Readonly<Record<string, string>>;

interface Compared {
  readonly project: string;
  readonly files: string;
  readonly taken: Taken;
  readonly limits: FolderLimits;
}

interface Changes {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** What was done in a copy since it was taken. */
export async function changesIn({ project, files, taken, limits }: Compared): Promise<Changes> {
  const now = new Set(await filesOfCopy(files, project, limits));
  const changed: string[] = [];
  for (const path of now) if ((await fingerprint(join(files, path))) !== taken[path]) changed.push(path);
  return { changed: changed.sort(), gone: Object.keys(taken).filter((path) => !now.has(path)) };
}

/** Puts what was done in a copy into the project. What has changed there, too, stays as it is. */
export async function bringBack(compared: Compared): Promise<Brought> {
  const { project, files, taken } = compared;
  const { changed, gone } = await changesIn(compared);
  const [written, deleted, kept]: [string[], string[], string[]] = [[], [], []];
  // Deletions first: a file may have become a folder.
  for (const path of gone) {
    const there = await fingerprint(join(project, path));
    if (there === undefined) continue;
    if (there !== taken[path] || (await isBehindLink(project, path))) kept.push(path);
    else {
      await remove(project, path);
      deleted.push(path);
    }
  }
  for (const path of changed) {
    const there = await fingerprint(join(project, path));
    if (there === (await fingerprint(join(files, path)))) continue;
    if (there !== taken[path] || (await isBehindLink(project, path))) kept.push(path);
    else {
      await copyInto(join(files, path), join(project, path));
      written.push(path);
    }
  }
  return { written, deleted, kept };
}

async function remove(project: string, path: string): Promise<void> {
  await rm(join(project, path));
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      await rmdir(join(project, folder));
    } catch {
      return;
    }
  }
}

/** Whether a path leads out of the project, or through something that is no folder. */
async function isBehindLink(project: string, path: string): Promise<boolean> {
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    const stat = await lstat(join(project, folder)).catch(() => undefined);
    if (stat !== undefined && !stat.isDirectory()) return true;
  }
  return false;
}
