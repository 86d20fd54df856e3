import { factSchema, runEventSchema, type RunEvent } from "../core/facts.ts";
import { LOG_VERSION } from "../core/facts/run.ts";
import type { Entry } from "./event-log.ts";
import { damaged, newer } from "./log-trouble.ts";

/** An event and the JSON text that is kept of it. */
export interface Written {
  readonly event: RunEvent;
  readonly text: string;
}

/** Where a text was found, for what is said when it cannot be read. */
export interface Place {
  /** Names the event: `event 3 of run x in runs.db` or `run.jsonl:3`. */
  readonly where: string;
  readonly hint: string;
}

const knownTypes: ReadonlySet<string> = new Set(factSchema.options.map((option) => option.shape.type.value));

/**
 * Gives each entry its place after event `last`. The event is what reading the text gives, so that the writer
 * sees exactly what every later reader will.
 * @throws Error for what is no valid fact: a bug of the caller, and nothing a later reader could make sense of
 */
export function writeEntries(runId: string, entries: readonly Entry[], last: number, at: number): readonly Written[] {
  return entries.map(({ fact, cause }, index) => {
    const seq = last + index + 1;
    const begins = fact.type === "run-started" && fact.runId === runId;
    if (begins !== (seq === 1))
      throw new Error(`run ${runId} must begin with its own run-started and have it once: ${fact.type} at ${seq}`);
    const text = JSON.stringify({ ...fact, seq, at, ...(cause === undefined ? {} : { cause }) });
    const parsed = runEventSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`not a fact that can be kept: ${fact.type} at ${seq} of run ${runId}`, { cause: parsed.error });
    return { event: parsed.data, text };
  });
}

/** Reads one event and checks that it is number `seq`. Throws `log-damaged` and `log-newer`. */
export function readEvent(text: string, seq: number, { where, hint }: Place): RunEvent {
  const value = parseJson(text);
  const parsed = runEventSchema.safeParse(value);
  if (!parsed.success) {
    const news = newerThanThis(value);
    throw news === undefined ? damaged(`${where} cannot be read`, hint, parsed.error) : newer(where, news);
  }
  if (parsed.data.seq !== seq) throw damaged(`${where} has number ${parsed.data.seq} where ${seq} is due`, hint);
  return parsed.data;
}

/** `undefined`, which no JSON text means, where the text is not whole. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A kind of event nobody here knows is no damage: only additions are allowed within a version. */
function newerThanThis(value: unknown): string | undefined {
  const { type, version } = (value ?? {}) as { readonly type?: unknown; readonly version?: unknown };
  if (typeof type !== "string") return undefined;
  if (!knownTypes.has(type)) return `holds "${type}", which this version does not know`;
  const isNewer = type === "run-started" && typeof version === "number" && version > LOG_VERSION;
  return isNewer ? `has version ${version}, this massgen reads up to ${LOG_VERSION}` : undefined;
}
