import { IMPROVE } from "./ballot-names.ts";

/** In characters; a choice with its explanation is not longer. */
const LONGEST_CHOICE = 400;

/** Words that a choice may begin with and that say nothing about which. */
const LEAD = new Set(
  "the my final best chosen selected preferred choice vote decision selection pick answer agent option label response candidate i choose select pick prefer vote for go with is".split(
    " ",
  ),
);
/** What may stand between a label and its explanation. */
const EXPLAINED =
  /^(?:[.:;,)(]|\s+[-–—(]|\s+(?:because|since|as it)\b|\s+is\s+(?:(?:the|clearly|my)\s+)?(?:best|better|clearest|choice|correct|most|right)\b)/u;
/** Tokens with which engines end a reply, and what mathematicians put around a result. */
const NOISE = /<(?:[|｜][^<>]{1,24}[|｜]|\/\w{1,12}|s|eos|end_of_turn)>|\\(?:boxed|text|textbf|mathrm)\b/gu;
/** Decoration that closes around a label: quotes, stars, brackets. */
const CLOSING = /^["”’*_`)\]}$]+(?![\p{L}\p{N}])/u;
const DENIED = /\b(?:not|never|neither|nor|wrong|worse|worst)\b|n['’]t\b/iu;

/**
 * The label or `improve` that a model meant by `answer b`, `"B".`, `**B**` or `B, because it is complete`.
 * Undefined for anything else: another label in the explanation leaves open which one was meant.
 */
export function choiceOf(written: string, labels: readonly string[]): string | undefined {
  if (written.length > LONGEST_CHOICE) return undefined;
  const text = written.normalize("NFKC").replaceAll(NOISE, " ");
  const words = [...text.matchAll(/[\p{L}\p{N}]+/gu)];
  const named = (word: string): string | undefined => [...labels, IMPROVE].find((label) => label.toLowerCase() === word.toLowerCase());
  const first = words.length === 1 ? 0 : words.findIndex(([word]) => !LEAD.has(word.toLowerCase()));
  const word = words[first];
  if (word === undefined) return undefined;
  return explained(word, text, { labels, only: first === words.length - 1, named: named(word[0]) });
}

interface Naming {
  readonly labels: readonly string[];
  /** Whether nothing but the label is said. */
  readonly only: boolean;
  readonly named: string | undefined;
}

function explained(word: RegExpExecArray, text: string, { labels, only, named }: Naming): string | undefined {
  if (named === undefined || only) return named;
  // A small letter with words behind it is a word of the language.
  if (word[0] !== named && named !== IMPROVE) return undefined;
  const behind = text.slice(word.index + word[0].length);
  const rest = behind.replace(CLOSING, "");
  if (rest.trim() !== "" && !EXPLAINED.test(rest)) return undefined;
  return leavesOpen(rest, labels, named) ? undefined : named;
}

/** Whether what is said about a label may mean another one: `B, A`, `B is not the best`; not `B because A is wrong`. */
function leavesOpen(rest: string, labels: readonly string[], named: string): boolean {
  if (/^\s+(?:because|since)\b/u.test(rest) && !/\bor\b/u.test(rest)) return false;
  const others = rest.match(/[\p{L}\p{N}]+/gu) ?? [];
  const another = others.some((other) => (labels.includes(other) && other !== named) || other.toLowerCase() === IMPROVE);
  return another || (/^\s+is\b/u.test(rest) && DENIED.test(rest));
}
