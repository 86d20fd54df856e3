import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Copies a file or a link to where it shall stand; what stood there is replaced in one step. */
export async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const beside = `${to}.massgen-${process.pid}`;
  try {
    if ((await lstat(from)).isSymbolicLink()) await symlink(await readlink(from), beside);
    else await copyFile(from, beside, constants.COPYFILE_FICLONE);
    await rename(beside, to);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
