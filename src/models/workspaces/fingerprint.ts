import { createHash } from "node:crypto";
import { lstat, readFile, readlink } from "node:fs/promises";

const EXECUTABLE = 0o111;

/** What tells one state of a file from another: its bytes and whether it can be run, or where a link leads. Undefined where there is none. */
export async function fingerprint(path: string): Promise<string | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!stat.isFile()) return "no file";
  const mark = process.platform !== "win32" && (stat.mode & EXECUTABLE) !== 0 ? "program" : "file";
  return `${mark} ${createHash("sha256")
    .update(await readFile(path))
    .digest("hex")}`;
}
