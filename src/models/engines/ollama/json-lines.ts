import { isJson, parseJson, type Json } from "../../backends/chatcompletion/wire.ts";

/** A line of more characters than this is no line. */
const LONGEST_LINE = 32_000_000;

/** What stands on one line: an object, or text that is none. */
export type Line = { readonly type: "object"; readonly value: Json } | { readonly type: "other"; readonly text: string };

/** Reads newline-delimited JSON however it was cut: anywhere, several objects on a line, no newline after the last. */
export interface JsonLines {
  /** @throws Error when a line never ends */
  feed(text: string): readonly Line[];
  end(): readonly Line[];
}

export function createJsonLines(): JsonLines {
  let rest = "";
  return {
    feed(text) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LONGEST_LINE) throw new Error("A line of the reply never ends.");
      return lines.flatMap(objectsOn);
    },
    end() {
      const last = rest;
      rest = "";
      return objectsOn(last);
    },
  };
}

function objectsOn(line: string): readonly Line[] {
  const text = line.trim();
  if (text === "") return [];
  const value = parseJson(text);
  if (isJson(value)) return [{ type: "object", value }];
  const glued = text.split(/(?<=\})\s*(?=\{)/u).map((part) => parseJson(part));
  return glued.every(isJson) ? glued.map((part) => ({ type: "object", value: part })) : [{ type: "other", text }];
}
