const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);

/** Whole terminal sequences: those with parameters, those that carry a text up to their end mark, and the short ones. */
const sequences = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^${BEL}${ESC}\\n]*(?:${BEL}|${ESC}\\\\)|[ -/]+[0-~]|[0-Z\\\\^_\`-~])`,
  "gu",
);

/** Control characters but tab and line end, and marks that reorder the text around them. */
const controls = /[[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]--[\t\n]]/gv;

/** What a model wrote, made harmless for a terminal: no escape sequences, no control characters, no reordering. */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(sequences, "").replace(controls, "");
}

/** The beginning of a text on one line, at most `characters` long. */
export function excerpt(text: string, characters: number): string {
  const line = plainText(text).replaceAll(/\s+/gu, " ").trim();
  const letters = Array.from(line.slice(0, characters * 2 + 2));
  return letters.length <= characters
    ? line
    : `${letters
        .slice(0, characters - 1)
        .join("")
        .trimEnd()}…`;
}
