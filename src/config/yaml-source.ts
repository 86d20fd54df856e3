import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type ParsedNode, Schema, type YAMLError } from "yaml";

/** Steps from the top of a config file: keys and positions in lists. */
export type Path = readonly PropertyKey[];

export interface Place {
  /** The path of the file as it was named; of what is no file, such as a variable or a flag, its name. */
  readonly file: string;
  /** Counts from 1; 0 where there are no lines. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
}

/** A parsed file in which every value can be found again. */
export interface Source {
  readonly value: unknown;
  /** Where the value at `path` stands, or its key; where there is none, the nearest thing around it. */
  place(path: Path, what?: "key" | "value"): Place;
  /** What is written there, letter by letter, for a plain value: `007`, not 7. */
  written(path: Path): string | undefined;
  /** These keys of the mapping at `path` as they follow one another in the file: JavaScript puts those that look like numbers first. */
  keys(path: Path, keys: readonly string[]): readonly string[];
}

export type Parsed =
  | { readonly type: "source"; readonly source: Source; readonly warnings: readonly Flaw[] }
  | { readonly type: "broken"; readonly error: Flaw };

/** Something wrong with the text itself. */
interface Flaw extends Place {
  readonly sentence: string;
}

const MOST_CHARACTERS = 120;
const TOO_DEEP = "It is nested too deeply.";

/** Reads YAML 1.2, or JSON, which is read as the subset of YAML that it is, so that both know their lines. */
export function parseSource(file: string, text: string, language: "YAML" | "JSON"): Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error", schema: schemaOf(language) });
  const at = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const flaw = (error: YAMLError): Flaw => ({ ...at(error.pos[0]), sentence: wording(error, language) });
  // What follows the first flaw is often only its consequence.
  const [first] = document.errors;
  if (first !== undefined) return { type: "broken", error: flaw(first) };
  let value: unknown;
  try {
    value = document.toJS();
    JSON.stringify(value);
  } catch (error) {
    const why = error instanceof TypeError ? "a value contains itself" : (error as Error).message;
    const sentence = error instanceof RangeError ? TOO_DEEP : `This is not valid ${language}: ${why}.`;
    return { type: "broken", error: { ...at(0), sentence } };
  }
  const source: Source = {
    value,
    place: (path, what = "value") => at(find(document, path, what)?.range?.[0] ?? 0),
    written(path) {
      const node = find(document, path, "value");
      return isScalar(node) ? node.source : undefined;
    },
    keys(path, keys) {
      if (!keys.some((key) => /^\d/u.test(key))) return keys;
      const starts = new Map(keys.map((key) => [key, find(document, [...path, key], "key")?.range?.[0] ?? 0]));
      return keys.toSorted((one, other) => (starts.get(one) ?? 0) - (starts.get(other) ?? 0));
    },
  };
  return { type: "source", source, warnings: document.warnings.map(flaw) };
}

/** Made once each: making one costs more than reading a short file by it. */
const schemas = new Map<string, Schema>();

function schemaOf(language: "YAML" | "JSON"): Schema {
  const schema = schemas.get(language) ?? new Schema(language === "JSON" ? { schema: "json" } : { schema: "core", merge: true });
  schemas.set(language, schema);
  return schema;
}

function wording(error: YAMLError, language: string): string {
  if (error.code === "DUPLICATE_KEY") return "This key is there twice.";
  if (error.message.includes("call stack")) return TOO_DEEP;
  if (error.code === "MULTIPLE_DOCS") return "A second document begins here; a config file holds one.";
  if (error.code === "TAG_RESOLVE_FAILED" && error.name === "YAMLWarning") return `${error.message} is ignored.`;
  return `This is not valid ${language}: ${shortened(error.message).replace(/\.$/, "")}.`;
}

/** The parser quotes what it cannot read, however much that is. */
function shortened(message: string): string {
  const characters = Array.from(message.slice(0, 2 * MOST_CHARACTERS));
  return characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS).join("")}…` : message;
}

type Document = ReturnType<typeof parseDocument>;

function find(document: Document, path: Path, what: "key" | "value"): Node | undefined {
  let node: Node | undefined = document.contents ?? undefined;
  let found = node;
  for (const [depth, step] of path.entries()) {
    const next = stepInto(document, node, step);
    if (next === undefined) return found;
    const wantsKey = what === "key" && depth === path.length - 1;
    found = (wantsKey ? next.key : undefined) ?? next.value ?? next.key ?? found;
    node = next.value;
  }
  return found;
}

interface Step {
  readonly key?: Node | undefined;
  readonly value?: Node | undefined;
}

function stepInto(document: Document, node: Node | undefined, step: PropertyKey): Step | undefined {
  const inside = isAlias(node) ? node.resolve(document) : node;
  if (isSeq<ParsedNode>(inside)) return { value: inside.items[Number(step)] };
  if (!isMap<ParsedNode, ParsedNode | null>(inside)) return undefined;
  const pair = inside.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value ?? undefined };
}
