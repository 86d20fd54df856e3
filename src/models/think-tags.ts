import { REPLY_OPENERS, SPOKEN_MARKS, THINKING_MARKS, type ThinkingMark } from "./thinking-marks.ts";

/** White space beyond this is no hesitation before a mark but the reply itself. */
const LONGEST_LEAD = 256;

const OPENERS: readonly string[] = [...THINKING_MARKS.map(({ open }) => open), ...REPLY_OPENERS];

/** Takes what tells itself apart; each piece comes out exactly once, as one or the other. */
export interface ThinkSink {
  readonly text: (piece: string) => void;
  readonly reasoning: (piece: string) => void;
}

/** Splits marked thinking at the start of a reply from the reply, however the marks are cut over deltas. */
export interface ThinkSplitter {
  /** True once only text can follow: from then on `push` passes everything on unseen. */
  readonly settled: boolean;
  push(delta: string): void;
  /** Passes on what was held back; a mark still open means that all was thinking. */
  end(): void;
}

type State = { readonly type: "start" } | { readonly type: "thinking"; readonly mark: ThinkingMark } | { readonly type: "text" };

export function createThinkSplitter(sink: ThinkSink): ThinkSplitter {
  let state: State = { type: "start" };
  let held = "";
  let marked = false;

  const settleAsText = (): void => {
    const rest = marked ? held.trimStart() : held;
    state = { type: "text" };
    held = "";
    if (rest !== "") sink.text(rest);
  };

  const atStart = (): boolean => {
    const lead = held.trimStart();
    // A longer opener that begins like a whole one may still come.
    const growing = lead === "" ? held.length <= LONGEST_LEAD : OPENERS.some((open) => open.length > lead.length && open.startsWith(lead));
    if (growing) return false;
    const open = longest(OPENERS.filter((each) => lead.startsWith(each)));
    if (open === undefined) {
      settleAsText();
      return false;
    }
    const mark = THINKING_MARKS.find((each) => each.open === open);
    if (mark !== undefined) state = { type: "thinking", mark };
    marked = true;
    held = lead.slice(open.length);
    return true;
  };

  const inThinking = ({ closes }: ThinkingMark): boolean => {
    const close = earliest(closes, held);
    const upTo = close?.at ?? held.length - beginningOf(closes, held);
    if (upTo > 0) sink.reasoning(held.slice(0, upTo));
    held = held.slice(close === undefined ? upTo : close.at + close.mark.length);
    if (close !== undefined) state = { type: "start" };
    return close !== undefined;
  };

  /** Whether there may be more to tell in what is held. */
  const step = (): boolean => (state.type === "thinking" ? inThinking(state.mark) : state.type === "start" && atStart());

  return {
    get settled() {
      return state.type === "text";
    },
    push(delta) {
      if (state.type === "text") return sink.text(delta);
      held += delta;
      while (step());
    },
    end() {
      if (state.type === "thinking" && held !== "") sink.reasoning(held);
      else if (state.type === "start") settleAsText();
      held = "";
    },
  };
}

function longest(texts: readonly string[]): string | undefined {
  return texts.toSorted((one, other) => other.length - one.length)[0];
}

function earliest(marks: readonly string[], text: string): { readonly at: number; readonly mark: string } | undefined {
  const found = marks.map((mark) => ({ at: text.indexOf(mark), mark })).filter(({ at }) => at !== -1);
  return found.sort((one, other) => one.at - other.at)[0];
}

/** How many characters at the end of `text` could be the beginning of one of the marks. */
function beginningOf(marks: readonly string[], text: string): number {
  const partly = (mark: string): number => {
    for (let length = Math.min(mark.length - 1, text.length); length > 0; length -= 1) {
      if (text.endsWith(mark.slice(0, length))) return length;
    }
    return 0;
  };
  return Math.max(...marks.map(partly));
}

/** Thinking that only the whole text tells apart: the chat template had written its opening mark, or its marks are plain words. */
export function splitUnopenedThinking(text: string): { readonly reasoning: string; readonly text: string } | undefined {
  return spoken(text) ?? unopened(text);
}

interface Split {
  readonly reasoning: string;
  readonly text: string;
}

function unopened(text: string): Split | undefined {
  for (const { open, closes } of THINKING_MARKS) {
    const [close = ""] = closes;
    const end = GENERAL.has(close) ? -1 : text.indexOf(close);
    if (end === -1) continue;
    const head = text.slice(0, end);
    // A closing mark that was opened in the text, or that is quoted, is something the answer speaks about.
    if (head.includes(open) || head.endsWith("`")) continue;
    return { reasoning: head, text: withoutOpener(text.slice(end + close.length)) };
  }
  return undefined;
}

/** Ends of anything, not only of thinking. */
const GENERAL = new Set(["<|end|>"]);

function spoken(text: string): Split | undefined {
  const lead = text.trimStart();
  for (const { open, closes } of SPOKEN_MARKS) {
    const close = lead.startsWith(open) ? earliest(closes, lead) : undefined;
    if (close === undefined) continue;
    const behind = close.at + (close.mark.endsWith("=") ? 0 : close.mark.length);
    return { reasoning: lead.slice(open.length, close.at), text: lead.slice(behind).trimStart() };
  }
  return undefined;
}

function withoutOpener(text: string): string {
  const lead = text.trimStart();
  return lead.slice(longest(REPLY_OPENERS.filter((open) => lead.startsWith(open)))?.length ?? 0).trimStart();
}
