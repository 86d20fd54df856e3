import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MassgenError } from "../../../core/errors.ts";
import { runCommand, type RunCommand } from "../../files/run-command.ts";
import { EMBEDDED_ENGINE_VERSION, embeddedEngineFolder } from "./find-embedded-engine.ts";

export type EngineGpu = "cuda" | "vulkan";

export interface InstallOptions {
  /** massgen's own folder of engines; made if need be. */
  readonly enginesDir: string;
  /** Adds a build for this kind of graphics card. On a Mac Metal is always in. */
  readonly gpu?: EngineGpu;
  /** Gets one sentence before anything is downloaded: what, how big, from where, to where. */
  readonly announce: (sentence: string) => void;
  /** What npm writes, as it comes. */
  readonly onOutput?: (text: string) => void;
  /** For tests. */
  readonly run?: RunCommand;
  readonly machine?: Machine;
}

/** What decides which build runs. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** Linux without the GNU C library, such as Alpine. */
  readonly musl: boolean;
}

const ENGINE_MEGABYTES = 85;
const BUILDS: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-arm": "linux-armv7l",
  "linux-riscv64": "linux-riscv64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};
/** The builds for graphics cards exist for `linux-x64` and `win-x64`. */
const GPU_BUILDS: Readonly<Record<EngineGpu, { readonly suffixes: readonly string[]; readonly megabytes: number }>> = {
  cuda: { suffixes: ["cuda", "cuda-ext"], megabytes: 564 },
  vulkan: { suffixes: ["vulkan"], megabytes: 74 },
};

function thisMachine(): Machine {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const { platform, arch } = process;
  return { platform, arch, musl: platform === "linux" && header.glibcVersionRuntime === undefined };
}

function unsupported(what: string): MassgenError {
  return new MassgenError("engine-missing", `There is no ready build of the embedded engine for ${what}.`, {
    hint: "Use a local server instead, such as llama.cpp's llama-server or Ollama.",
  });
}

/** The packages with native code this machine needs. */
function buildsFor({ platform, arch, musl }: Machine, gpu: EngineGpu | undefined): readonly string[] {
  const build = BUILDS[`${platform}-${arch}`];
  if (build === undefined) throw unsupported(`${platform} on ${arch}`);
  if (musl) throw unsupported("Linux without glibc");
  if (gpu === undefined) return [build];
  if (build !== "linux-x64" && build !== "win-x64") throw unsupported(`${gpu} on ${platform} ${arch}`);
  return [build, ...GPU_BUILDS[gpu].suffixes.map((suffix) => `${build}-${suffix}`)];
}

/** npm's own words, without its log file and codes. */
function lastErrors(complaint: string): string {
  const lines = complaint
    .split("\n")
    .flatMap((line) => /^npm (?:error|ERR!) (?!code|errno|A complete log|syscall)(.+)$/.exec(line)?.[1]?.trim() ?? []);
  return lines[0] ?? complaint.split("\n").at(-1) ?? "";
}

function npmFailure(complaint: string): MassgenError {
  const said = lastErrors(complaint);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT|network/.test(complaint)) {
    return new MassgenError("network", `npm cannot reach its registry to get the embedded engine: ${said}`, {
      hint: "Check the network, or the registry and proxy that `npm config list` shows, and run `massgen engines add embedded` again.",
    });
  }
  if (/ENOSPC/.test(complaint)) {
    return new MassgenError("disk", "The disk is full: the embedded engine does not fit.", {
      hint: "Make room and run the same command again.",
    });
  }
  return new MassgenError("engine-missing", `npm could not install the embedded engine: ${said}`, {
    hint: "Run `massgen engines add embedded` again; with `-v` it shows what npm says.",
  });
}

async function npmInstall(folder: string, builds: readonly string[], options: InstallOptions, signal: AbortSignal): Promise<void> {
  const { run = runCommand, onOutput } = options;
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, description: "An engine of massgen" }));
  // No scripts: the engine's own would fetch or compile what the build packages bring ready.
  const flags = [
    "--prefix",
    folder,
    "--omit=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
  ];
  const packages = ["node-llama-cpp", ...builds.map((build) => `@node-llama-cpp/${build}`)].map(
    (name) => `${name}@${EMBEDDED_ENGINE_VERSION}`,
  );
  const { exitCode, complaint } = await run(["npm", "install", ...flags, ...packages], signal, onOutput).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new MassgenError("engine-missing", "npm is needed to install the embedded engine, and it is not on the path.", {
      hint: "Install Node.js with npm, or use a local server such as LM Studio or Ollama.",
    });
  });
  if (exitCode !== 0) throw npmFailure(complaint);
  const missing = packages.find((name) => !existsSync(join(folder, "node_modules", name.slice(0, name.lastIndexOf("@")), "package.json")));
  if (missing !== undefined) throw npmFailure(`npm did not bring ${missing}`);
}

async function freshFolderIn(enginesDir: string): Promise<string> {
  try {
    await mkdir(enginesDir, { recursive: true, mode: 0o700 });
    return await mkdtemp(join(enginesDir, ".embedded-"));
  } catch (error) {
    throw new MassgenError("disk", `${enginesDir} cannot be written to.`, { hint: "Set MASSGEN_HOME to a folder of yours.", cause: error });
  }
}

/** Puts the new folder where the old one was. */
async function swap(fresh: string, target: string): Promise<void> {
  const old = `${fresh}-old`;
  if (existsSync(target)) await rename(target, old);
  await rename(fresh, target);
  await rm(old, { recursive: true, force: true });
}

/**
 * Installs the embedded engine with npm, only the build this machine runs: whole or not at all.
 * @returns the folder it is in
 * @throws MassgenError `engine-missing` (no npm, no build for this machine, npm failed), `network`, `disk`
 */
export async function installEmbedded(options: InstallOptions, signal: AbortSignal): Promise<string> {
  const { enginesDir, gpu, announce } = options;
  const builds = buildsFor(options.machine ?? thisMachine(), gpu);
  const target = embeddedEngineFolder(enginesDir);
  const megabytes = ENGINE_MEGABYTES + (gpu === undefined ? 0 : GPU_BUILDS[gpu].megabytes);
  announce(
    `Installing the embedded engine (node-llama-cpp ${EMBEDDED_ENGINE_VERSION}, about ${megabytes} MB) from the npm registry to ${target}`,
  );
  const fresh = await freshFolderIn(enginesDir);
  try {
    await npmInstall(fresh, builds, options, signal);
    await swap(fresh, target);
    return target;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
