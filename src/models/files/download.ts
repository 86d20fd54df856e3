import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import * as z from "zod";

/** The part of `fetch` that downloads need. */
export type Fetch = (url: URL, init: FetchInit) => Promise<FetchedResponse>;
export interface FetchInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

export interface Progress {
  readonly received: number;
  /** Absent where nobody says how big the file is. */
  readonly total?: number;
}

export interface Download {
  readonly url: URL;
  /** Where the bytes gather; kept when the download breaks off, so that the next one goes on from there. */
  readonly part: string;
  readonly fetch: Fetch;
  readonly sha256?: string;
  /** Called before the first byte, with the size if it is known. */
  readonly onStart?: (totalBytes: number | undefined) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** A connection on which nothing comes for so long is given up; 30 s by default. */
  readonly stallMs?: number;
}

/** A source that did not give the file; `message` is the rest of a sentence beginning with the source. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

const STALL_MS = 30_000;
const MOST_REDIRECTS = 5;
/** Attempts in a row that bring no new byte. */
const MOST_FRUITLESS = 2;

const noteSchema = z.object({ url: z.string(), etag: z.string().optional() });
type Note = z.infer<typeof noteSchema>;

/** What a server says about the file, gathered over its redirects: Hugging Face gives checksum and size with the first one. */
interface Answer {
  readonly response: FetchedResponse;
  readonly sha256: string | undefined;
}

function notePath(part: string): string {
  return `${part}.json`;
}

async function readNote(part: string): Promise<Note | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(notePath(part), "utf8")));
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Takes a download back that is of no use any more. */
export async function discardDownload(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(notePath(part), { force: true });
}

/** The checksum of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function checksumIn(linkedEtag: string | null): string | undefined {
  return linkedEtag?.match(/^"?([0-9a-f]{64})"?$/)?.[1];
}

/** A signal that fires when `touch` was not called for the given time. */
function watchdog(stallMs: number): { readonly signal: AbortSignal; readonly touch: () => void; readonly stop: () => void } {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  return { signal: stalled.signal, touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  const code = (cause ?? error) as { readonly code?: unknown; readonly message?: unknown };
  return String(code.code ?? code.message ?? error);
}

/** Redirects of a download are followed (hosts hand out their files from elsewhere); no credentials are ever sent. */
async function request({ url, fetch }: Download, headers: FetchInit["headers"], signal: AbortSignal): Promise<Answer> {
  let at = url;
  let sha256: string | undefined;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const response = await fetch(at, { headers, redirect: "manual", signal });
    sha256 ??= checksumIn(response.headers.get("x-linked-etag"));
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return { response, sha256 };
    await response.body?.cancel();
    at = new URL(location, at);
  }
  throw new DownloadError("redirects in a circle");
}

/** The headers that ask for the rest of a partial file, if it may be gone on with. */
function resumeHeaders(note: Note | undefined, wanted: Download, held: number): Readonly<Record<string, string>> {
  const plain = { "accept-encoding": "identity" };
  if (held === 0 || note?.url !== wanted.url.href) return plain;
  if (note.etag !== undefined) return { ...plain, range: `bytes=${held}-`, "if-range": note.etag };
  return wanted.sha256 === undefined ? plain : { ...plain, range: `bytes=${held}-` };
}

function strongEtag(response: FetchedResponse): { readonly etag?: string } {
  const etag = response.headers.get("etag");
  return etag === null || etag.startsWith("W/") ? {} : { etag };
}

/** Where in the file the answer begins: the held bytes are kept only if the server goes on exactly there. */
function startOf(response: FetchedResponse, held: number): { readonly from: number; readonly total: number | undefined } {
  const length = response.headers.get("content-length");
  if (response.status === 200) return { from: 0, total: length === null ? undefined : Number(length) };
  const range = response.headers.get("content-range")?.match(/^bytes (\d+)-\d+\/(\d+|\*)$/);
  if (Number(range?.[1]) !== held) throw new DownloadError("answered with another part of the file than asked for");
  return { from: held, total: range?.[2] === "*" ? undefined : Number(range?.[2]) };
}

async function write(file: FileHandle, response: FetchedResponse, from: number, onChunk: (received: number) => void): Promise<number> {
  let received = from;
  for await (const chunk of response.body ?? []) {
    await file.write(chunk, 0, chunk.length, received);
    received += chunk.length;
    onChunk(received);
  }
  return received;
}

type Watchdog = ReturnType<typeof watchdog>;

interface Attempt {
  readonly complete: boolean;
  readonly received: number;
  readonly sha256: string | undefined;
  readonly trouble: string;
}

/** Writes what comes to `part`, from where the server begins. */
async function receive(wanted: Download, { response, sha256 }: Answer, held: number, alive: Watchdog): Promise<Attempt> {
  const { part, url, onProgress } = wanted;
  const { from, total } = startOf(response, held);
  wanted.onStart?.(total);
  const file = await open(part, from === 0 ? "w" : "r+", 0o600);
  try {
    await writeFile(notePath(part), JSON.stringify({ url: url.href, ...strongEtag(response) }), { mode: 0o600 });
    const received = await write(file, response, from, (received) => {
      alive.touch();
      onProgress?.({ received, ...(total === undefined ? {} : { total }) });
    });
    await file.sync();
    return { complete: total === undefined || received === total, received, sha256, trouble: "broke off" };
  } catch (error) {
    if (isLocal(error)) throw error;
    return { complete: false, received: await sizeOf(part), sha256, trouble: `broke off (${reasonOf(error)})` };
  } finally {
    await file.close();
  }
}

async function attempt(wanted: Download, signal: AbortSignal): Promise<Attempt> {
  const { part } = wanted;
  const held = await sizeOf(part);
  const headers = resumeHeaders(await readNote(part), wanted, held);
  const alive = watchdog(wanted.stallMs ?? STALL_MS);
  try {
    const answer = await request(wanted, headers, AbortSignal.any([signal, alive.signal]));
    const { status, body } = answer.response;
    if (status === 200 || status === 206) return await receive(wanted, answer, held, alive);
    await body?.cancel();
    if (status !== 416) throw new DownloadError(`answered ${status}`);
    await discardDownload(part);
    return { complete: false, received: 0, sha256: answer.sha256, trouble: "has no such part of the file" };
  } finally {
    alive.stop();
  }
}

/** Trouble with our own disk, not with the source. */
function isLocal(error: unknown): boolean {
  return (error as { readonly syscall?: unknown }).syscall === "write" || (error as { readonly code?: unknown }).code === "ENOSPC";
}

async function attempts(wanted: Download, signal: AbortSignal): Promise<Attempt> {
  let reached = await sizeOf(wanted.part);
  for (let fruitless = 0; ;) {
    const last = await attempt(wanted, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof DownloadError || isLocal(error)) throw error;
      throw new DownloadError(`cannot be reached (${reasonOf(error)})`, { cause: error });
    });
    signal.throwIfAborted();
    if (last.complete) return last;
    fruitless = last.received > reached ? 0 : fruitless + 1;
    reached = Math.max(reached, last.received);
    if (fruitless >= MOST_FRUITLESS) throw new DownloadError(last.trouble);
  }
}

/**
 * Brings a file to `part`, going on where an earlier download of the same address broke off, and verifies it: against `sha256`, else
 * against the checksum the source itself reports. A connection that breaks is taken up again as long as that brings new bytes.
 * @returns whether there was a checksum to verify against
 * @throws DownloadError when the source does not give the file; errors of the disk as they are
 */
export async function download(wanted: Download, signal: AbortSignal): Promise<boolean> {
  const { sha256: reported } = await attempts(wanted, signal);
  const expected = wanted.sha256 ?? reported;
  if (expected === undefined) return false;
  const actual = await sha256Of(wanted.part);
  if (actual !== expected) {
    await discardDownload(wanted.part);
    throw new DownloadError(`gave a file with the checksum ${actual} instead of ${expected}`);
  }
  return true;
}
