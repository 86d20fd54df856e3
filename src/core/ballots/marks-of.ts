import { looseObjects, type Loose, type LooseObject } from "./loose-json.ts";

/** What somebody wrote as choice, with the reason that came with it. */
export interface Marked {
  readonly choice: string;
  readonly reason: string;
}

const CHOICE = new Set(["choice"]);
/** What else a choice is called; only where no field has its own name. */
const CHOICES = new Set(
  "vote voteforagent choicelabel selected selectedanswer selectedlabel selection best bestanswer answer answerlabel label pick decision winner finalchoice mychoice chosen chosenanswer ballot".split(
    " ",
  ),
);
const REASONS = new Set("reason why rationale explanation justification reasoning thought".split(" "));
/** Where a choice stands when it is an object of its own. */
const INSIDE_CHOICE = new Set("label value id name choice answer option letter".split(" "));
/** Around a ballot. `properties` is the schema filled in instead of obeyed. */
const AROUND = new Set(
  "arguments parameters args input toolinput ballot function json response result output data properties toolcalls toolcall".split(" "),
);
const TOOL_NAMES = new Set("name function tool toolname recipientname".split(" "));
const ARGUMENTS = new Set("arguments parameters args input toolinput".split(" "));
const DEEPEST = 6;

/** Whether a call is one of the ballot, however its name is decorated: `functions.ballot`, `ballot:0`, or left out as old engines do. */
export function isBallot(tool: string): boolean {
  return /^(?:functions?[.:])?(?:ballot)?(?::\d+)?(?:<\|.*)?$/iu.test(tool.trim());
}

/** A call written as JSON: the tool's name and, parsed where they are a text, its arguments. */
export function callOf(value: LooseObject): { readonly tool: string; readonly input: LooseObject } | undefined {
  const called = fieldsOf(value, TOOL_NAMES);
  const inner = called.find(isObject);
  if (inner !== undefined) return callOf(inner);
  const tool = called.find((name) => typeof name === "string");
  const [given] = fieldsOf(value, ARGUMENTS);
  const input = typeof given === "string" ? looseObjects(given)[0]?.value : given;
  return tool === undefined || !isObject(input) ? undefined : { tool, input };
}

/** Every choice in an object: its own, or that of what it wraps. */
export function marksOf(value: LooseObject, depth = 0): readonly Marked[] {
  if (depth > DEEPEST) return [];
  const call = callOf(value);
  if (call !== undefined) return isBallot(call.tool) ? marksOf(call.input, depth + 1) : [];
  const reason = fieldsOf(value, REASONS).find((text) => typeof text === "string") ?? "";
  const named = fieldsOf(value, CHOICE);
  const choices = (named.length > 0 ? named : fieldsOf(value, CHOICES)).flatMap(choicesOf);
  if (choices.length > 0 || named.length > 0) return choices.map((choice) => ({ choice, reason }));
  return fieldsOf(value, AROUND).flatMap((inner) => marksInside(inner, depth + 1));
}

function marksInside(value: Loose, depth: number): readonly Marked[] {
  if (typeof value === "string") return looseObjects(value).flatMap((found) => marksOf(found.value, depth));
  if (isObject(value)) return marksOf(value, depth);
  return isList(value) ? value.filter(isObject).flatMap((inner) => marksOf(inner, depth)) : [];
}

function choicesOf(value: Loose): readonly string[] {
  if (typeof value === "string") return value.includes("{") ? [] : [value];
  if (isObject(value)) return fieldsOf(value, INSIDE_CHOICE).filter((text) => typeof text === "string");
  return isList(value) ? value.flatMap((one) => (isList(one) ? [] : choicesOf(one))) : [];
}

function fieldsOf(value: LooseObject, names: ReadonlySet<string>): readonly Loose[] {
  return value.fields.filter(([name]) => names.has(name.toLowerCase().replaceAll(/[^\p{L}]/gu, ""))).map(([, field]) => field);
}

function isObject(value: Loose | undefined): value is LooseObject {
  return typeof value === "object" && value !== null && "fields" in value;
}

function isList(value: Loose): value is readonly Loose[] {
  return Array.isArray(value);
}
