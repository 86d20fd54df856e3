const CLOSED_BY: Readonly<Record<string, string>> = { '"': '"', "'": "'", "`": "`", "“": '”"“', "„": '“”"', "‘": "’'‘", "«": "»" };

export function opensString(character: string | undefined): boolean {
  return character !== undefined && character in CLOSED_BY;
}

const BLANK = /\s*/uy;
const SPACE = 0x20;
const NO_BREAK_SPACE = 0xa0;

export function skipBlank(text: string, from: number): number {
  const code = text.charCodeAt(from);
  // Nearly always there is none, and a pattern takes ten times as long to say so.
  return code > SPACE && code < NO_BREAK_SPACE ? from : endOf(BLANK, text, from);
}

const NAME = `(?:["'“„‘\`][^"'”“’\`\\n]{1,40}["'”“’\`]|[\\p{L}_][\\p{L}\\p{N}_-]{0,40})`;
/** What follows a value in an object or list: the end, a closing bracket, a comma with more behind it, the next name. */
const AFTER_VALUE = new RegExp(`\\s*(?:$|[}\\])]|(?:,[\\s,]*)?${NAME}\\s*[:=]|,\\s*(?:$|[}\\])]))`, "uy");
const AFTER_LISTED = /\s*,\s*["'“‘`][^"'”’`\n]{0,80}["'”’`]\s*[,\]]/uy;
const AFTER_NAME = /\s*[:=]/uy;

/** Whether the quote at `at` closes its string, or is one that the model forgot to escape. */
export function isEndOfString(text: string, at: number, { quote, asName }: { readonly quote: string; readonly asName: boolean }): boolean {
  if (CLOSED_BY[quote]?.includes(text[at] ?? "") !== true) return false;
  const after = asName ? [AFTER_NAME] : [AFTER_VALUE, AFTER_LISTED];
  return after.some((pattern) => endOf(pattern, text, at + 1) > -1);
}

export function readBareName(text: string, from: number): string {
  return text.slice(from, Math.max(from, endOf(/[\p{L}_][\p{L}\p{N}_ -]{0,40}/uy, text, from)));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** What the backslash at `at` stands for; one before anything that needs none stands for nothing. */
export function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const next = text[at + 1] ?? "";
  const code = next === "u" ? /[0-9a-f]{4}/iuy : undefined;
  if (code !== undefined && endOf(code, text, at + 2) > -1) {
    return { value: String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16)), end: at + 6 };
  }
  return { value: ESCAPES[next] ?? next, end: at + 2 };
}

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null, none: null, nan: null, undefined: null };

/** A word without quotes, up to what ends it; `undefined` where only the end of the text does, because more may have been meant. */
export function readBareword(
  text: string,
  from: number,
): { readonly value: string | number | boolean | null | undefined; readonly end: number } {
  const end = endOf(/[^,;{}[\])\n"]*/uy, text, from);
  const word = text.slice(from, end).trim();
  if (word === "" || end >= text.length) return { value: undefined, end };
  const known = WORDS[word.toLowerCase()];
  if (known !== undefined) return { value: known, end };
  return { value: /^-?\d/u.test(word) && !Number.isNaN(Number(word)) ? Number(word) : word, end };
}

/** Where a sticky pattern that matches at `from` ends, -1 where it does not match. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
