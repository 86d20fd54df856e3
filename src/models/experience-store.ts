import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { rungSchema } from "../core/facts/settings.ts";
import { createExperience, type Experience, type Learned } from "./experience.ts";

const DAY_MS = 24 * 3_600_000;
const LONGEST_KEPT_MS = 90 * DAY_MS;
/** An engine that was upgraded may have learned what its models could not do: after this time the best rung is tried again. */
const RUNG_HOLDS_MS = 7 * DAY_MS;
const MOST_ENTRIES = 300;

const positive = z.number().positive();
const entrySchema = z.object({
  /** When it was last learned from, in milliseconds since the epoch. */
  at: z.number(),
  promptPerSecond: positive.optional(),
  tokensPerSecond: positive.optional(),
  loadMs: positive.optional(),
  rung: rungSchema.optional(),
  /** When all better rungs had last failed. */
  rungAt: z.number().optional(),
  thinks: z.boolean().optional(),
});
type Entry = z.infer<typeof entrySchema>;
type Entries = ReadonlyMap<string, Entry>;

/** Gives the experience of a model by its key; the same one for the same key. */
export type Experiences = (key: string) => Experience;

/** Names a model on the hardware it runs on. */
export function experienceKey(kind: string, origin: string, model: string): string {
  return `${kind} ${origin} ${model}`;
}

/** Experience that ends with the process. */
export function memoryExperiences(): Experiences {
  return byKey(() => createExperience());
}

/**
 * Experience kept in a JSON file. It is worth no failed run: a file that is damaged or cannot be written is as if there were none, and two
 * processes that write at once lose a measurement at most.
 * @param now milliseconds since the epoch
 */
export function createExperienceStore(path: string, now: () => number): Experiences {
  return byKey((key) =>
    createExperience(rememberedOf(path, key, now()), (learned) => {
      const entries = new Map(readEntries(path, now()));
      entries.set(key, entryOf(learned, entries.get(key), now()));
      writeEntries(path, entries);
    }),
  );
}

/** Experience from such a file, which is left as it is: what is learned now ends with the process. */
export function rememberedExperiences(path: string, now: () => number): Experiences {
  return byKey((key) => createExperience(rememberedOf(path, key, now())));
}

function rememberedOf(path: string, key: string, now: number): Learned {
  const known = readEntries(path, now).get(key);
  return known === undefined ? {} : learnedOf(known, now);
}

function byKey(create: (key: string) => Experience): Experiences {
  const known = new Map<string, Experience>();
  return (key) => {
    const experience = known.get(key) ?? create(key);
    known.set(key, experience);
    return experience;
  };
}

function learnedOf({ at: _at, rungAt, rung, ...measured }: Entry, now: number): Learned {
  const holds = rung !== undefined && now - (rungAt ?? 0) < RUNG_HOLDS_MS;
  return { ...measured, ...(holds ? { rung } : {}) } as Learned;
}

/** A rung that is only used as it was remembered has not shown again that better ones fail. */
function entryOf(learned: Learned, before: Entry | undefined, now: number): Entry {
  const { rung } = learned;
  if (rung === undefined) return { ...learned, at: now };
  const rungAt = before?.rung === rung && now - (before.rungAt ?? 0) < RUNG_HOLDS_MS ? before.rungAt : now;
  return { ...learned, at: now, rungAt };
}

function readEntries(path: string, now: number): Entries {
  const values = Object.entries(parsed(path));
  const entries = values.flatMap(([key, value]): readonly [string, Entry][] => {
    const { data } = entrySchema.safeParse(value);
    return data === undefined || now - data.at > LONGEST_KEPT_MS ? [] : [[key, data]];
  });
  return new Map(entries);
}

function parsed(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Replaces the file in one step, so that nobody ever reads half of it. */
function writeEntries(path: string, entries: Entries): void {
  const newest = [...entries].sort(([, one], [, other]) => other.at - one.at).slice(0, MOST_ENTRIES);
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(Object.fromEntries(newest), undefined, 1), { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    if (existsSync(draft)) rmSync(draft, { force: true });
  }
}
