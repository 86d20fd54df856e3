import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bringBack, type Brought, changesIn, type Taken } from "./bring-back.ts";
import { copyInto } from "./copy-file.ts";
import { fingerprint } from "./fingerprint.ts";
import { type FolderLimits, git, projectFiles, USUAL_LIMITS } from "./project-files.ts";

export interface WorkingCopyOptions {
  /** The folder that is copied, and that the winner's files go back to. */
  readonly project: string;
  /** Ours alone; the same for the same agent of the same run, so that a run that is resumed finds its copy. */
  readonly place: string;
  readonly limits?: FolderLimits;
}

/** One agent's own copy of a project. */
export interface WorkingCopy {
  /** Where its files are, once there are some. */
  readonly files: string;
  /** The folder to work in, made when it is first asked for. Throws `config` for a project that is too large. */
  open(): Promise<string>;
  /** Puts what was changed in the copy into the project, except where the project has changed too; then takes the copy away. */
  bringBack(): Promise<Brought>;
  /** Whether anything was done in it. */
  isChanged(): Promise<boolean>;
  remove(): Promise<void>;
}

export function createWorkingCopy({ project, place, limits = USUAL_LIMITS }: WorkingCopyOptions): WorkingCopy {
  const files = join(place, "files");
  const record = join(place, "taken.json");
  let opening: Promise<string> | undefined;

  const make = async (): Promise<string> => {
    await mkdir(project, { recursive: true });
    // Without a record a copy was not finished.
    if (existsSync(record)) return files;
    await rm(place, { recursive: true, force: true });
    const paths = await projectFiles(project, limits);
    await mkdir(files, { recursive: true });
    const hasHistory = await takeHistory(project, files);
    const taken: Record<string, string> = {};
    for (const path of paths) {
      await copyInto(join(project, path), join(files, path));
      taken[path] = (await fingerprint(join(files, path))) ?? "";
    }
    if (hasHistory) await git(["reset", "--quiet"], files).catch(() => undefined);
    await writeFile(`${record}.new`, JSON.stringify(taken));
    await rename(`${record}.new`, record);
    return files;
  };
  const compare = async () => {
    const taken = JSON.parse(await readFile(record, "utf8")) as Taken;
    return { project, files, taken, limits };
  };
  const remove = async (): Promise<void> => rm(place, { recursive: true, force: true, maxRetries: 3 });

  return {
    files,
    open() {
      opening ??= make();
      opening.catch(() => (opening = undefined));
      return opening;
    },
    async bringBack() {
      if (!existsSync(record)) return { written: [], deleted: [], kept: [] };
      const brought = await bringBack(await compare());
      if (brought.kept.length === 0) await remove();
      return brought;
    },
    async isChanged() {
      if (!existsSync(record)) return false;
      const { changed, gone } = await changesIn(await compare());
      return changed.length + gone.length > 0;
    },
    remove,
  };
}

/**
 * A repository gives its copy its history: one that shares what is stored, can change nothing of the original and knows no way to it. Where
 * that fails the copy has none.
 */
async function takeHistory(project: string, files: string): Promise<boolean> {
  if (!existsSync(join(project, ".git"))) return false;
  try {
    await git(["clone", "--quiet", "--shared", "--no-checkout", "--", project, files], project);
    await git(["remote", "remove", "origin"], files);
    return true;
  } catch {
    await rm(join(files, ".git"), { recursive: true, force: true });
    return false;
  }
}
