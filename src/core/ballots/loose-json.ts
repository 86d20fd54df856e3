import { exactObjects } from "./exact-objects.ts";
import { isEndOfString, opensString, readBareName, readBareword, readEscape, skipBlank } from "./loose-tokens.ts";

/** A JSON value; objects keep every field they were written with, because a field may come twice. */
export type Loose = string | number | boolean | null | readonly Loose[] | LooseObject;
export interface LooseObject {
  readonly fields: readonly (readonly [name: string, value: Loose])[];
}

export interface FoundObject {
  readonly value: LooseObject;
  readonly start: number;
  readonly end: number;
  /** Whether it is JSON as it should be, so that nothing in it had to be made out. */
  readonly exact: boolean;
}

/** Nobody nests a ballot deeper; what is nested deeper is babble. */
const DEEPEST = 32;

/**
 * The outermost objects of a text, in linear time, as models write them: any quotes or none, trailing or missing commas, Python's words,
 * quotes inside strings, no end. A value that the text's end cuts in half is left out; what is no object even so is passed over.
 */
export function looseObjects(text: string): readonly FoundObject[] {
  const exactStarts = new Set(exactObjects(text).map(([start]) => start));
  const found: FoundObject[] = [];
  for (let at = text.indexOf("{"); at !== -1;) {
    const exact = exactStarts.has(at);
    const { value, end } = looseObjectAt(text, at, exact);
    if (value !== undefined) found.push({ value, start: at, end, exact });
    at = text.indexOf("{", Math.max(end, at + 1));
  }
  return found;
}

/**
 * The object, or the list of named arguments `(reason="…", choice="B")`, that opens at `start`; `end` is where reading came to.
 * @param exact that every quote in it is where it should be
 */
export function looseObjectAt(
  text: string,
  start: number,
  exact = false,
): { readonly value: LooseObject | undefined; readonly end: number } {
  const reader = createReader(text, start, exact);
  const value = reader.object(text[start] === "(" ? ")" : "}", 0);
  return { value, end: reader.at };
}

interface Reader {
  readonly at: number;
  object(closer: string, depth: number): LooseObject | undefined;
}

/** Each method gives `undefined` for what is no value, or for one that the end of the text cuts. */
function createReader(text: string, start: number, exact: boolean): Reader {
  let at = start;

  const skip = (): string | undefined => {
    at = skipBlank(text, at);
    return text[at];
  };

  const string = (asName: boolean): string | undefined => {
    const quote = text[at] ?? "";
    let value = "";
    for (let from = ++at; at < text.length; at++) {
      const character = text[at];
      if (character === "\\") {
        const escape = readEscape(text, at);
        value += text.slice(from, at) + escape.value;
        at = escape.end - 1;
        from = escape.end;
      } else if (exact ? character === quote : isEndOfString(text, at, { quote, asName })) {
        value += text.slice(from, at++);
        return value;
      }
    }
    return undefined;
  };

  const bareword = (): Loose | undefined => {
    const word = readBareword(text, at);
    at = word.end;
    return word.value;
  };

  const list = (depth: number): Loose | undefined => {
    const values: Loose[] = [];
    at += 1;
    for (let next = skip(); next !== undefined; next = skip()) {
      if (next === "]") {
        at += 1;
        return values;
      }
      if (next === ",") at += 1;
      else {
        const value = anything(depth);
        if (value === undefined) return undefined;
        values.push(value);
      }
    }
    return undefined;
  };

  const anything = (depth: number): Loose | undefined => {
    const next = skip();
    if (next === undefined || depth > DEEPEST) return undefined;
    if (next === "{") return object("}", depth + 1);
    if (next === "[") return list(depth + 1);
    return opensString(next) ? string(false) : bareword();
  };

  const name = (): string | undefined => {
    if (opensString(text[at])) return string(true);
    const bare = readBareName(text, at);
    at += bare.length;
    return bare === "" ? undefined : bare.trimEnd();
  };

  const object = (closer: string, depth: number): LooseObject | undefined => {
    const fields: (readonly [string, Loose])[] = [];
    at += 1;
    for (let next = skip(); next !== undefined; next = skip()) {
      if (next === closer) {
        at += 1;
        return { fields };
      }
      if (next === "," || next === ";") at += 1;
      else {
        const key = name();
        const colon = key === undefined ? undefined : skip();
        if (at >= text.length) break;
        if (key === undefined || (colon !== ":" && colon !== "=")) return undefined;
        at += 1;
        const value = anything(depth);
        if (value !== undefined) fields.push([key, value]);
        else if (at < text.length) return undefined;
      }
    }
    return { fields };
  };

  return {
    get at() {
      return at;
    },
    object,
  };
}

/** A loose value as plain JSON text; of a field that comes twice, the last one counts. */
export function plainText(value: Loose): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && "fields" in part ? Object.fromEntries((part as LooseObject).fields) : part,
  );
}
