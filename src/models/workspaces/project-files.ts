import { execFile } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MassgenError } from "../../core/errors.ts";

/** What is made anew from other files, and what belongs to one folder alone. */
const leftOut: ReadonlySet<string> = new Set([".git", "node_modules", ".venv", "__pycache__"]);

/** Every agent gets its own copy, so a folder may not hold more than this. */
export interface FolderLimits {
  readonly files: number;
  readonly bytes: number;
}

export const USUAL_LIMITS: FolderLimits = { files: 20_000, bytes: 512 * 1024 ** 2 };

const OUTPUT_BYTES = 64 * 1024 ** 2;

/**
 * The files and links of a project, by their paths in it with `/` between names. What git ignores there is left out, so are packages and
 * the like; links are not followed.
 * @throws MassgenError `config` where there are more, or larger ones, than `limits` allows
 */
export async function projectFiles(folder: string, limits: FolderLimits): Promise<readonly string[]> {
  const tracked = await filesByGit(folder);
  const paths = (tracked ?? (await walk(folder, limits))).filter((path) => !path.split("/").some((name) => leftOut.has(name)));
  if (paths.length > limits.files) throw tooManyFiles(folder, limits);
  const present: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    const stat = await lstat(join(folder, path)).catch(() => undefined);
    if (stat === undefined || !(stat.isFile() || stat.isSymbolicLink())) continue;
    bytes += stat.size;
    if (bytes > limits.bytes) throw tooLarge(folder, limits);
    present.push(path);
  }
  return present;
}

/** The same of a folder in which somebody else may have changed what git does: nothing of it is run. */
export async function filesOfCopy(copy: string, project: string, limits: FolderLimits): Promise<readonly string[]> {
  const paths = await walk(copy, limits);
  const ignored = await ignoredByGit(project, paths);
  return paths.filter((path) => !ignored.has(path));
}

async function walk(root: string, limits: FolderLimits): Promise<readonly string[]> {
  const found: string[] = [];
  const look = async (within: string): Promise<void> => {
    for (const entry of await readdir(join(root, within), { withFileTypes: true })) {
      if (leftOut.has(entry.name)) continue;
      if (entry.isDirectory()) await look(`${within}${entry.name}/`);
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(`${within}${entry.name}`);
      if (found.length > limits.files) throw tooManyFiles(root, limits);
    }
  };
  await look("");
  return found;
}

/** Undefined where the folder is in no repository, or git is not there. */
async function filesByGit(folder: string): Promise<readonly string[] | undefined> {
  try {
    return split(await git(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], folder));
  } catch {
    return undefined;
  }
}

async function ignoredByGit(project: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  try {
    return new Set(split(await git(["check-ignore", "-z", "--stdin"], project, paths.join("\0"))));
  } catch {
    // It also fails where nothing is ignored.
    return new Set();
  }
}

const run = promisify(execFile);

/** Runs git as it would run by hand in that folder, whatever repository our own process was started for. */
export async function git(args: readonly string[], folder: string, input?: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  const running = run("git", [...args], { cwd: folder, env: { ...env, GIT_TERMINAL_PROMPT: "0" }, maxBuffer: OUTPUT_BYTES });
  running.child.stdin?.on("error", () => undefined);
  running.child.stdin?.end(input ?? "");
  return (await running).stdout;
}

function split(output: string): readonly string[] {
  return output.split("\0").filter((path) => path !== "");
}

function tooManyFiles(folder: string, { files }: FolderLimits): MassgenError {
  return new MassgenError(
    "config",
    `The folder ${folder} holds more than ${files} files, too many for each agent to get its own copy.`,
    NAME_ANOTHER,
  );
}

function tooLarge(folder: string, { bytes }: FolderLimits): MassgenError {
  const megabytes = Math.round(bytes / 1024 ** 2);
  return new MassgenError(
    "config",
    `The folder ${folder} is larger than ${megabytes} MB, too large for each agent to get its own copy.`,
    NAME_ANOTHER,
  );
}

const NAME_ANOTHER = { hint: "Name a smaller folder as cwd; what git ignores there is not copied." };
