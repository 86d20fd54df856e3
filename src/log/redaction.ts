import { Buffer } from "node:buffer";
import * as z from "zod";
import { factSchema, type Fact } from "../core/facts.ts";
import type { EventLog } from "./event-log.ts";
import { redactKeyPatterns } from "./key-patterns.ts";

const MARK = "[secret]";

/** Below this a value is too common as a part of words to be replaced wherever it occurs. */
const SHORTEST_SECRET = 8;

/** What people write where a server wants a key and does not look at it; shorter ones (`EMPTY`, `none`, `ollama`) are no secrets anyway. */
const placeholders: ReadonlySet<string> = new Set([
  "api-key",
  "apikey",
  "api_key",
  "changeme",
  "dummy-key",
  "fake-key",
  "lm-studio",
  "lmstudio",
  "no-key-needed",
  "no-key-required",
  "not-needed",
  "not-required",
  "not_needed",
  "placeholder",
  "sk-no-key-required",
  "sk-not-needed",
  "undefined",
  "unused-key",
  "your-api-key",
]);

/**
 * Makes the function that takes secrets out of a fact: each one wherever it occurs in any text, and in error texts
 * also whatever looks like a key. Keys of records stay. Gives the same object back where there is nothing to take out.
 * @param secrets what the configuration holds; what is shorter than 8 characters, a placeholder or a word
 * that facts are written with (`consensus`) is left alone
 */
export function createRedactor(secrets: readonly string[]): (fact: Fact) => Fact {
  const hide = hider(secrets);
  const hideInError = (text: string): string => redactKeyPatterns(hide(text));
  return (fact) => {
    const isError = (key: string): boolean => errorKeys[fact.type]?.has(key) ?? false;
    return mapTexts(fact, (text, key) => (isError(key) ? hideInError(text) : hide(text))) as Fact;
  };
}

/** For an error text on its way to a person: takes out `secrets` and whatever looks like a key. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return redactKeyPatterns(hider(secrets)(text));
}

/** The same log, into which no secret gets. What `append` returns is what was kept. */
export function withRedaction(log: EventLog, secrets: readonly string[]): EventLog {
  const redact = createRedactor(secrets);
  return {
    append: (runId, entries, at) =>
      log.append(
        runId,
        entries.map((entry) => ({ ...entry, fact: redact(entry.fact) })),
        at,
      ),
    read: (runId, after) => log.read(runId, after),
    list: () => log.list(),
    claim: (runId, owner, isAlive) => log.claim(runId, owner, isAlive),
    release: (runId, owner) => {
      log.release(runId, owner);
    },
    close: () => {
      log.close();
    },
  };
}

/** Where the texts of errors stand. Elsewhere patterns do not apply: no answer is changed because of what it looks like. */
const errorKeys: Readonly<Partial<Record<Fact["type"], ReadonlySet<string>>>> = {
  "call-settled": new Set(["message"]),
  "agent-abstained": new Set(["why"]),
  "agent-out": new Set(["why", "message"]),
  "tally-taken": new Set(["why"]),
  "run-ended": new Set(["why", "message"]),
  notice: new Set(["text"]),
};

/** Copies only what lies on the way to a changed text. `key` is the nearest name above a text. */
function mapTexts(value: unknown, change: (text: string, key: string) => string, key = ""): unknown {
  if (typeof value === "string") return change(value, key);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const mapped = value.map((item: unknown) => mapTexts(item, change, key));
    return mapped.every((item, index) => item === value[index]) ? value : mapped;
  }
  const entries = Object.entries(value);
  const mapped = entries.map(([name, item]) => [name, mapTexts(item, change, name)] as const);
  return mapped.every(([, item], index) => item === entries[index]?.[1]) ? value : Object.fromEntries(mapped);
}

/** Takes secrets out of a text that comes in pieces. */
export interface HidingStream {
  /** What can be shown by now: what may be the beginning of a secret waits for the next piece. */
  push(piece: string): string;
  /** Forgets what waits, for another text. */
  clear(): void;
}

export function createHidingStream(secrets: readonly string[]): HidingStream {
  const forms = hiddenForms(secrets);
  const hide = hiderOf(forms);
  let waiting = "";
  return {
    push(piece) {
      const text = hide(waiting + piece);
      waiting = begunIn(text, forms);
      return text.slice(0, text.length - waiting.length);
    },
    clear: () => void (waiting = ""),
  };
}

/** The longest end of a text with which one of the words begins. */
function begunIn(text: string, words: readonly string[]): string {
  const longest = Math.max(0, ...words.map(({ length }) => length - 1));
  const tail = text.slice(Math.max(0, text.length - longest));
  const start = Array.from(tail, (_, index) => index).find((index) => words.some((word) => word.startsWith(tail.slice(index))));
  return start === undefined ? "" : tail.slice(start);
}

const hider = (secrets: readonly string[]): ((text: string) => string) => hiderOf(hiddenForms(secrets));

/** One pass over a text whatever the number of secrets. */
function hiderOf(forms: readonly string[]): (text: string) => string {
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  return (text) => text.replace(pattern, MARK);
}

/** All that is to be hidden, longest first. */
function hiddenForms(secrets: readonly string[]): readonly string[] {
  const long = secrets.map((secret) => secret.trim()).filter((secret) => secret.length >= SHORTEST_SECRET);
  if (long.length === 0) return [];
  const vocabulary = JSON.stringify(z.toJSONSchema(factSchema));
  // A word that facts are written with cannot be hidden: they would not be facts any more.
  const real = long.filter((secret) => !placeholders.has(secret.toLowerCase()) && !vocabulary.includes(secret));
  return [...new Set(real.flatMap((secret) => formsOf(secret)))].sort((one, other) => other.length - one.length);
}

/** As it is, in a URL, inside JSON text, in base64, there also behind something else: `Basic` and `user:key` in base64. */
function formsOf(secret: string): readonly string[] {
  const inBase64 = (["base64", "base64url"] as const).flatMap((encoding) => [0, 1, 2].map((before) => encoded(secret, before, encoding)));
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1), ...inBase64];
}

/** What is the same in base64 whatever precedes and follows, by the number of bytes that precede in the first group of three. */
function encoded(secret: string, before: number, encoding: "base64" | "base64url"): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  return bytes.toString(encoding).slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3));
}
