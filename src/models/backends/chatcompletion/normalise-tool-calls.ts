import { isJson, parseJson, type Json } from "./wire.ts";

interface Known {
  readonly index: number;
  readonly wireId: string;
  readonly name: string;
  written: string;
}

/**
 * Gives every tool call of one reply an index and an id of its own, whatever the server does: ids missing, numeric or reused,
 * indexes missing or shared, arguments as objects, names repeated or blank.
 */
export interface ToolCallNormaliser {
  /** The calls of one delta or message, in the shape that the SDK reads; none for anything that is no list of calls. */
  normalise(toolCalls: unknown): readonly Json[];
  readonly any: boolean;
}

export function createToolCallNormaliser(): ToolCallNormaliser {
  const known: Known[] = [];
  const current = new Map<unknown, Known>();
  const ids = new Set<string>();

  const uniqueId = (wireId: string): string => {
    const stem = wireId === "" ? `call-${known.length}` : wireId;
    let id = stem;
    for (let copy = 2; ids.has(id); copy += 1) id = `${stem}-${copy}`;
    ids.add(id);
    return id;
  };

  /** A named delta opens a new call unless it goes on with the one that is open at its place. */
  const opens = (open: Known | undefined, wireId: string, name: string): boolean => {
    if (open === undefined) return true;
    if (name === "") return false;
    return (wireId !== "" && wireId !== open.wireId) || name !== open.name || isWhole(open.written);
  };

  const normaliseOne = (call: Json): Json => {
    const called = isJson(call.function) ? call.function : call;
    const wireId = typeof call.id === "string" || typeof call.id === "number" ? String(call.id).trim() : "";
    const name = typeof called.name === "string" ? called.name.trim() : "";
    const written = writtenArguments(called.arguments);
    const open = current.get(call.index) ?? (call.index === undefined ? known.at(-1) : undefined);
    if (!opens(open, wireId, name) && open !== undefined) {
      open.written += written;
      return { index: open.index, function: { arguments: written } };
    }
    const opened: Known = { index: known.length, wireId, name, written };
    known.push(opened);
    current.set(call.index, opened);
    return {
      index: opened.index,
      id: uniqueId(wireId),
      type: "function",
      function: { ...(name === "" ? {} : { name }), arguments: written },
    };
  };

  return {
    get any() {
      return known.length > 0;
    },
    normalise(toolCalls) {
      if (isJson(toolCalls)) return [normaliseOne(toolCalls)];
      return Array.isArray(toolCalls) ? toolCalls.filter(isJson).map(normaliseOne) : [];
    },
  };
}

function writtenArguments(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function isWhole(written: string): boolean {
  return written.trim() !== "" && parseJson(written) !== undefined;
}
