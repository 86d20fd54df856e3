import type { Marked } from "./marks-of.ts";

/** In the languages of those who answer in their own. */
const CHOICE_NAMES =
  "choice|vote|decision|selection|pick|selected answer|best answer|final answer|final choice|choix|wahl|entscheidung|elecci[oó]n|scelta|escolha|keuze|выбор|选择|選択|投票|선택";
const REASON_NAMES = "reason|why|rationale|explanation|justification|raison|grund|begr[uü]ndung|raz[oó]n|motivo|причина|理由|原因|이유";
/** Lists, quotes, tables, headings, numbers. */
const DECORATION = "[\\s>*_#|`\"'•·–-]*(?:\\d{1,2}[.)][\\s*_]*)?(?:(?:my|the|final) )?";
const MARK = "[\\s*_`\"'|]{0,8}(?:[:：=|]|\\s[-–—]\\s|\\bis\\b)";

const CHOICE_LINE = new RegExp(`^${DECORATION}(?:${CHOICE_NAMES})${MARK}(.*)$`, "iu");
const CHOICE_HEADING = new RegExp(`^${DECORATION}(?:${CHOICE_NAMES})[\\s*_:：]*$`, "iu");
const CHOICE_ELEMENT = /<choice>([^<>]{1,80})<\/choice>/giu;
const REASON_LINE = new RegExp(`^${DECORATION}(?:${REASON_NAMES})${MARK}(.*)$`, "iu");
const REASON_BEHIND = new RegExp(`[\\s*_|;,.(](?:${REASON_NAMES})[\\s*_]*[:：=].*$`, "iu");
const CHOICE_BEHIND = new RegExp(`[\\s*_|;,.(](?:${CHOICE_NAMES})[\\s*_]*[:：=]`, "giu");
/** A label on a line of its own, above its reason. */
const BARE_LINE = /^[\s*_`"'([]{0,8}(?:answer\s{1,4})?(?:[A-Z]{1,2}|improve)[\s*_`"')\].]{0,8}$/iu;
/** A line that only repeats what was asked for. */
const REPEATED = /^\W*(?:one of\b|<|\[label)/iu;
/** In characters; a line beyond it is no line of a ballot. */
const LONGEST_LINE = 2_000;

/** Lines such as `CHOICE: B` with, somewhere before or after, `REASON: …`. */
export function labelledMarks(text: string): readonly Marked[] {
  const lines = ownLines(text);
  const reason = lines.map((line) => REASON_LINE.exec(line)?.[1]).find((found) => found !== undefined) ?? "";
  const elements = [...lines.join("\n").matchAll(CHOICE_ELEMENT)].map(([, choice = ""]) => choice);
  const found = [...elements, ...lines.flatMap((line, index) => choiceIn(line, lines[index + 1]) ?? [])];
  const written = found.filter((choice) => !REPEATED.test(choice));
  const choices = written.length > 0 || found.length === 0 ? written : found;
  const behind = choices.length > 0 ? choices : lines.flatMap(choiceBehind);
  return behind.map((choice) => ({ choice, reason: bare(reason.split(CHOICE_BEHIND)[0] ?? "") }));
}

/** Without what quotes somebody else, unless all of it looks like a quotation. */
function ownLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== "" && line.length <= LONGEST_LINE);
  const own = lines.filter((line) => !line.trimStart().startsWith(">") || line.trimStart().startsWith(">>>"));
  return own.length > 0 ? own : lines;
}

function choiceIn(line: string, next: string | undefined): string | undefined {
  if (next !== undefined && BARE_LINE.test(line) && REASON_LINE.test(next)) return bare(line);
  if (CHOICE_HEADING.test(line)) return next;
  const choice = CHOICE_LINE.exec(line)?.[1]?.replace(REASON_BEHIND, "");
  return choice === undefined || bare(choice) === "" ? undefined : bare(choice);
}

/** `REASON: it is right. CHOICE: B`, all on one line. */
function choiceBehind(line: string): readonly string[] {
  if (!REASON_LINE.test(line)) return [];
  return line.split(CHOICE_BEHIND).slice(1).map(bare);
}

function bare(text: string): string {
  return text.replaceAll(/^[\s*_|`]+|[\s*_|`]+$/gu, "");
}
