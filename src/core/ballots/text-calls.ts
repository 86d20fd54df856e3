import { BALLOT } from "./ballot-names.ts";
import { looseObjectAt, looseObjects, type Loose, type LooseObject } from "./loose-json.ts";
import { callOf, isBallot } from "./marks-of.ts";

/** A call of the ballot that was written as text, and where. */
export interface TextCall {
  readonly input: LooseObject;
  readonly start: number;
  readonly end: number;
}

/** Between the tool's name and its arguments: markers, fences, call numbers. `<function=ballot>{`, `ballot[ARGS]{`, `ballot:0<|…|>{`. */
const GLUE = "(?:\\s{1,8}|<[^<>\\n{}]{0,40}>|\\[[A-Z_]{1,20}\\]|```\\w{0,9}|json\\b|code\\b|:\\d{1,4}|[\"'>]){0,10}";
const NAME_THEN_OBJECT = new RegExp(`\\b${BALLOT}${GLUE}(?=\\{)`, "gu");
/** `ballot(reason="…", choice="B")` */
const PYTHONIC = new RegExp(`\\b${BALLOT}(?:\\.call)?\\((?=\\s{0,8}[\\w"'{])`, "gu");
/** `<function=ballot>`, `<invoke name="ballot">`, `<tool_call>ballot` before `<arg_key>`, or the plain element `<ballot>`. */
const ELEMENT = new RegExp(
  `<[^<>\\s"]{0,24}(?:function|invoke|tool)(?:=|\\s{1,4}name=)"?${BALLOT}"?[^<>]{0,40}>|<\\|?tool_call\\|?>\\s{0,8}${BALLOT}\\s{0,8}(?=<arg_key>)|<${BALLOT}>`,
  "gu",
);
const END_OF_ELEMENT = new RegExp(
  `</[^<>\\s]{0,24}(?:function|invoke|tool_call|${BALLOT})>|<[^<>\\s]{0,24}(?:function=|invoke\\s)|$`,
  "gu",
);
const PARAMETERS: readonly RegExp[] = [
  /<[^<>\s="]{0,24}param(?:eter)?(?:=|\s{1,4}name=)"?([\w-]{1,40})"?[^<>]{0,40}>(?:<!\[CDATA\[)?([\s\S]*?)(?:\]\]>|<\/|(?=<[^<>\s="]{0,24}param)|$)/gu,
  /<arg_key>([^<>]{1,40})<\/arg_key>\s{0,8}<arg_value>([\s\S]*?)(?:<\/arg_value>|(?=<arg_key>)|$)/gu,
  /<(reason|choice)>([\s\S]*?)(?:<\/|$)/gu,
];

/**
 * Calls of the ballot that a model wrote as text instead of making them, in the order they stand. JSON counts wherever it stands and
 * whatever is around it, if it names the tool; the other ways of writing are the tables above.
 * @param isCut whether more was to come, so that a value without an end is none
 */
export function findTextCalls(text: string, isCut: boolean): readonly TextCall[] {
  const plain = text.replaceAll('<|"|>', '"');
  const found = [
    ...asElements(plain, isCut),
    ...asArguments(plain, PYTHONIC, -1),
    ...asArguments(plain, NAME_THEN_OBJECT, 0),
    ...asJson(plain),
  ];
  let end = 0;
  return found
    .sort((one, other) => one.start - other.start)
    .filter((call) => {
      const apart = call.start >= end;
      if (apart) ({ end } = call);
      return apart;
    });
}

function asJson(text: string): readonly TextCall[] {
  return looseObjects(text)
    .flatMap((found) => callsIn(found.value).map((input) => ({ ...found, input })))
    .filter(({ input }) => !isSchema(input));
}

/** The call that an object is, or those in the list it wraps. */
function callsIn(value: LooseObject): readonly LooseObject[] {
  const call = callOf(value);
  if (call !== undefined) return isBallot(call.tool) ? [call.input] : [];
  return value.fields.flatMap(([name, field]) => (/^tool_calls?$/iu.test(name) && isList(field) ? field.flatMap(callIn) : []));
}

function callIn(value: Loose): readonly LooseObject[] {
  return typeof value === "object" && value !== null && "fields" in value ? callsIn(value) : [];
}

function isList(value: Loose): value is readonly Loose[] {
  return Array.isArray(value);
}

/** @param offset where the arguments open, seen from the end of the match */
function asArguments(text: string, pattern: RegExp, offset: number): readonly TextCall[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const opens = match.index + match[0].length + offset;
    const wrapped = text[opens] === "(" ? /^\(\s{0,8}(?=\{)/u.exec(text.slice(opens, opens + 10))?.[0].length : undefined;
    const { value, end } = looseObjectAt(text, opens + (wrapped ?? 0));
    return value === undefined || value.fields.length === 0 || isSchema(value) ? [] : [{ input: value, start: match.index, end }];
  });
}

function asElements(text: string, isCut: boolean): readonly TextCall[] {
  return [...text.matchAll(ELEMENT)].flatMap((match) => {
    END_OF_ELEMENT.lastIndex = match.index + match[0].length;
    const end = END_OF_ELEMENT.exec(text)?.index ?? text.length;
    const body = text.slice(match.index + match[0].length, end);
    const fields = parametersIn(body, isCut && end === text.length);
    return fields.length === 0 ? [] : [{ input: { fields }, start: match.index, end }];
  });
}

function parametersIn(body: string, isCut: boolean): LooseObject["fields"] {
  for (const pattern of PARAMETERS) {
    const found = [...body.matchAll(pattern)].filter(([whole]) => !isCut || !body.endsWith(whole) || /(?:\/|>)$/u.test(whole));
    const fields = found.map(([, name = "", value = ""]) => [name.trim(), value.trim()] as const);
    if (fields.length > 0) return fields;
  }
  return [];
}

/** The tool's description, said again. */
function isSchema(input: LooseObject): boolean {
  return input.fields.some(([name]) => name === "properties" || name === "enum" || name === "maxLength");
}
