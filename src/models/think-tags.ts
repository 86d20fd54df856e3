/** How models mark their thinking where nobody takes it out for them. */
const TAGS = [
  { open: "<think>", close: "</think>" },
  { open: "<thinking>", close: "</thinking>" },
  { open: "<reasoning>", close: "</reasoning>" },
  { open: "[THINK]", close: "[/THINK]" },
] as const;
type Tag = (typeof TAGS)[number];

/** White space beyond this is no hesitation before a tag but the reply itself. */
const LONGEST_LEAD = 256;

/** Takes what tells itself apart; each piece comes out exactly once, as one or the other. */
export interface ThinkSink {
  readonly text: (piece: string) => void;
  readonly reasoning: (piece: string) => void;
}

/** Splits thinking in tags at the start of a reply from the reply, however the tags are cut over deltas. */
export interface ThinkSplitter {
  /** True once only text can follow: from then on `push` passes everything on unseen. */
  readonly settled: boolean;
  push(delta: string): void;
  /** Passes on what was held back; a tag still open means that all was thinking. */
  end(): void;
}

type State = { readonly type: "start" } | { readonly type: "thinking"; readonly tag: Tag } | { readonly type: "text" };

export function createThinkSplitter(sink: ThinkSink): ThinkSplitter {
  let state: State = { type: "start" };
  let held = "";
  let thought = false;

  const settleAsText = (): void => {
    const rest = thought ? held.trimStart() : held;
    state = { type: "text" };
    held = "";
    if (rest !== "") sink.text(rest);
  };

  const atStart = (): boolean => {
    const lead = held.trimStart();
    const tag = TAGS.find(({ open }) => lead.startsWith(open));
    if (tag !== undefined) {
      state = { type: "thinking", tag };
      thought = true;
      held = lead.slice(tag.open.length);
      return true;
    }
    const undecided = lead === "" ? held.length <= LONGEST_LEAD : TAGS.some(({ open }) => open.startsWith(lead));
    if (!undecided) settleAsText();
    return false;
  };

  const inThinking = (tag: Tag): boolean => {
    const close = held.indexOf(tag.close);
    const upTo = close === -1 ? held.length - beginningOf(tag.close, held) : close;
    if (upTo > 0) sink.reasoning(held.slice(0, upTo));
    held = held.slice(close === -1 ? upTo : close + tag.close.length);
    if (close !== -1) state = { type: "start" };
    return close !== -1;
  };

  /** Whether there may be more to tell in what is held. */
  const step = (): boolean => (state.type === "thinking" ? inThinking(state.tag) : state.type === "start" && atStart());

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

/** How many characters at the end of `text` could be the beginning of `tag`. */
function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/** Thinking whose opening tag the chat template had already written: everything before the first closing tag. */
export function splitUnopenedThinking(text: string): { readonly reasoning: string; readonly text: string } | undefined {
  for (const { open, close } of TAGS) {
    const end = text.indexOf(close);
    if (end === -1) continue;
    const head = text.slice(0, end);
    // A closing tag that was opened in the text, or that is quoted, is something the answer speaks about.
    if (head.includes(open) || head.endsWith("`")) continue;
    return { reasoning: head, text: text.slice(end + close.length).trimStart() };
  }
  return undefined;
}
