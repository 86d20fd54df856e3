import { MassgenError } from "../core/errors.ts";
import type * as z from "zod";
import { nearest } from "../core/nearest.ts";
import type { Path, Place, Source } from "./yaml-source.ts";

/** `council.yaml:3:5`, as editors and terminals understand it. */
export function placeText({ file, line, column }: Place): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** What `placeText` wrote. */
export function readPlace(text: string): Place {
  const [, file = text, line = "0", column = "0"] = /^(.*):(\d+):(\d+)$/su.exec(text) ?? [];
  return { file, line: Number(line), column: Number(column) };
}

/** Something to tell about a config. A `warning` is about what is ignored or cannot work here, a `note` about what is read as something else. */
export interface Remark {
  readonly level: "error" | "warning" | "note";
  readonly place: Place;
  readonly sentence: string;
}

/** Collects what there is to tell, so that everything is told at once. */
export interface Diagnostics {
  error(path: Path, sentence: string, what?: "key" | "value"): void;
  warn(path: Path, sentence: string, what?: "key" | "value"): void;
  note(path: Path, sentence: string, what?: "key" | "value"): void;
  /** `council.yaml:3:5` of what stands at `path`. */
  placeOf(path: Path): string;
  /** The file in which that stands. */
  fileOf(path: Path): string;
  /** What is written at `path`, before variables were put in: nothing secret gets into a sentence. */
  written(path: Path): string | undefined;
  /** The keys of the mapping at `path` as they follow one another in the file. */
  inFileOrder(path: Path, keys: readonly string[]): readonly string[];
  /** Whether something around `path` was warned about: then what is wrong inside it does not matter. */
  isIgnored(path: Path): boolean;
  /** File by file, in the order of the lines. */
  remarks(): readonly Remark[];
}

export function createDiagnostics(source: Source): Diagnostics {
  const remarks: Remark[] = [];
  const ignored = new Set<string>();
  const add =
    (level: Remark["level"]) =>
    (path: Path, sentence: string, what?: "key" | "value"): void => {
      if (level === "warning") ignored.add(JSON.stringify(path));
      remarks.push({ level, place: source.place(path, what), sentence });
    };
  return {
    error: add("error"),
    warn: add("warning"),
    note: add("note"),
    written: (path) => source.written(path),
    placeOf: (path) => placeText(source.place(path)),
    fileOf: (path) => source.place(path).file,
    inFileOrder: (path, keys) => source.keys(path, keys),
    isIgnored: (path) => path.some((_, depth) => ignored.has(JSON.stringify(path.slice(0, depth + 1)))),
    remarks: () => inOrder(remarks),
  };
}

export function configErrors(lines: readonly string[]): MassgenError {
  return new MassgenError("config", lines.join("\n"));
}

export function remarkLine({ place, sentence }: Remark): string {
  return `${placeText(place)}: ${sentence}`;
}

/** Files in the order in which they are first spoken of. */
export function inOrder(remarks: readonly Remark[]): readonly Remark[] {
  const files = [...new Set(remarks.map(({ place }) => place.file))];
  const rank = ({ place }: Remark): number => files.indexOf(place.file);
  return remarks.toSorted(
    (one, other) => rank(one) - rank(other) || one.place.line - other.place.line || one.place.column - other.place.column,
  );
}

/** Where the mapping that is checked stands; `of` ends the name of each of its fields: ` of agent "critic"`. */
export interface Section {
  readonly diagnostics: Diagnostics;
  readonly path: Path;
  readonly of: string;
  /** Keys that later versions of MassGen have here and this one does not. */
  readonly later?: { readonly has: (key: string) => boolean };
}

/** Checks `value` against `schema` and reports every issue. */
export function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown, section: Section): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = [...section.path, ...issue.path];
    const field = issue.path.length === 0 ? section.path.join(".") : `${issue.path.join(".")}${section.of}`;
    section.diagnostics.error(path, `${field} ${demand(issue, section.diagnostics.written(path))}.`);
  }
  return undefined;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  record: "a mapping",
  object: "a mapping",
  array: "a list",
};

/** What a value should be. `written` is what it is, where it is a plain value. */
function demand(issue: z.core.$ZodIssue, written: string | undefined): string {
  if (issue.code === "custom") return issue.message;
  const instead = written === undefined || issue.path.at(-1) === "api_key" ? "" : `, not ${quoted(written)}`;
  return `must be ${wanted(issue, written)}${instead}`;
}

function wanted(issue: z.core.$ZodIssue, written: string | undefined): string {
  if (issue.code === "invalid_type") return typeNames[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") {
    const meant = nearest(written ?? "", issue.values.map(String));
    return `one of ${issue.values.join(", ")}${meant === undefined ? "" : ` (did you mean "${meant}"?)`}`;
  }
  if (issue.code === "too_small" && issue.origin === "string") return "some text";
  if (issue.code === "too_small") return `${issue.inclusive === false ? "above" : "at least"} ${String(issue.minimum)}`;
  if (issue.code === "too_big") return `at most ${String(issue.maximum)}`;
  return "a number or text";
}

/** Short, and on one line. */
function quoted(text: string): string {
  const line = JSON.stringify(text);
  return line.length > 60 ? `${line.slice(0, 57)}…"` : line;
}

/**
 * Looks for keys of a mapping that mean nothing. One that is near to a known key is an error (it was meant to say something), unless later
 * versions of MassGen have it; any other goes to `unknown`, by default a warning.
 */
export function checkKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  section: Section,
  unknown?: (key: string) => void,
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    if (section.later?.has(key) === true) {
      section.diagnostics.warn([...section.path, key], `${key}${section.of} is a setting of a later MassGen and ignored.`, "key");
      continue;
    }
    const meant = nearest(key, known);
    const path = [...section.path, key];
    if (meant !== undefined) section.diagnostics.error(path, `${key}${section.of} is not known (did you mean "${meant}"?).`, "key");
    else if (unknown === undefined) section.diagnostics.warn(path, `${key}${section.of} is not known and ignored.`, "key");
    else unknown(key);
  }
}
