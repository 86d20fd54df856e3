import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Activity, Cited, Finish, ToolCall } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { CHARACTERS_PER_TOKEN } from "../core/bounds.ts";
import { createActivities } from "./activities.ts";
import { parseJson } from "./backends/chatcompletion/wire.ts";
import { measuresIn, type Measures } from "./measures.ts";
import type { Delta } from "./model.ts";
import { createPieces } from "./pieces.ts";
import { reasonToWithhold } from "./reason-to-withhold.ts";
import { createLoopWatch, isCallLoop, withoutLoop } from "./repetition.ts";
import { createThinkSplitter, splitUnopenedThinking } from "./think-tags.ts";

/** A reply beyond this many bytes for each token it may have has run away. */
const RUNAWAY_BYTES_PER_TOKEN = 6;
/** Thinking may take this many times what was asked for as output before it counts as running away. */
const THINKING_ALLOWANCE = 8;
/** In characters. Some engines fill what a schema leaves free with white space until the tokens are used up. */
const LONGEST_BLANK = { ballot: 100, text: 1_000 };

/** What one stream has said so far. */
export interface Reading {
  /** Deltas to pass on; whoever passes them on empties it. */
  readonly outbox: Delta[];
  /** True once the model itself said something. */
  readonly begun: boolean;
  readonly error: { readonly value: unknown } | undefined;
  readonly finishReason: LanguageModelV4FinishReason["unified"] | undefined;
  /** Why a policy kept the reply back, in the provider's own words, where it says so. */
  readonly withheldFor: string | undefined;
  readonly usage: LanguageModelV4Usage | undefined;
  /** UTF-8 bytes of all that came. */
  readonly bytes: number;
  /** Takes one part in constant time; says what it was and whether to go on reading. */
  take(part: LanguageModelV4StreamPart): "said" | "more" | "alive" | "cut" | "error";
  /** What the engine told about the call. */
  readonly measures: Measures;
  /** Everything together, thinking apart from text. */
  collect(finish: Finish): Collected;
}

export interface Collected {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** What tools of the provider did, and what the reply refers to. */
  readonly activity?: readonly Activity[];
  readonly sources?: readonly Cited[];
}

export function createReading(prompt: Prompt): Reading {
  const outbox: Delta[] = [];
  const calls: ToolCall[] = [];
  const activities = createActivities();
  const bytes = { text: 0, reasoning: 0, calls: 0 };
  const longest = {
    text: prompt.maxTextTokens * RUNAWAY_BYTES_PER_TOKEN,
    reasoning: prompt.maxOutputTokens * RUNAWAY_BYTES_PER_TOKEN * THINKING_ALLOWANCE,
  };
  const thoughts = createPieces();
  let texts = createPieces();
  const loops = { text: createLoopWatch(), reasoning: createLoopWatch() };
  let period: number | undefined;
  let thinksInCircles = false;
  let blank = 0;
  let begun = false;
  let unopenedFound = false;
  let error: Reading["error"];
  let finishReason: Reading["finishReason"];
  let withheldFor: string | undefined;
  let usage: LanguageModelV4Usage | undefined;
  let measures: Measures = {};

  const takeText = (text: string): void => {
    texts.add(text);
    bytes.text += Buffer.byteLength(text);
    period ??= loops.text.add(text);
    outbox.push({ type: "text", text });
  };
  const takeReasoning = (text: string): void => {
    thoughts.add(text);
    bytes.reasoning += Buffer.byteLength(text);
    thinksInCircles ||= loops.reasoning.add(text) !== undefined;
    outbox.push({ type: "reasoning", text });
  };
  const splitter = createThinkSplitter({ text: takeText, reasoning: takeReasoning });

  /** Looked for where it matters: when the text seems too long, and at the end. */
  const tellThinkingApart = (): boolean => {
    if (unopenedFound) return false;
    const split = splitUnopenedThinking(texts.whole());
    if (split === undefined) return false;
    unopenedFound = true;
    thoughts.add(split.reasoning);
    texts = createPieces(split.text);
    bytes.reasoning += Buffer.byteLength(split.reasoning);
    bytes.text = Buffer.byteLength(split.text);
    return true;
  };
  /** What was said so far was said on the way to the answer. */
  const takeAside = (): void => {
    splitter.end();
    const aside = texts.whole();
    if (aside === "") return;
    thoughts.add(`${aside}\n`);
    bytes.reasoning += bytes.text;
    bytes.text = 0;
    texts = createPieces();
  };
  const takeBlank = (delta: string): void => {
    const end = delta.length - delta.trimEnd().length;
    blank = end === delta.length ? blank + end : end;
  };
  const repeatsItself = (): boolean =>
    period !== undefined || thinksInCircles || blank > LONGEST_BLANK[prompt.ballot === undefined ? "text" : "ballot"] || isCallLoop(calls);
  const ranAway = (): boolean => {
    if (bytes.reasoning > longest.reasoning || bytes.calls > longest.text) return true;
    return bytes.text > longest.text && !(tellThinkingApart() && bytes.text <= longest.text);
  };
  const takeRaw = (value: unknown): "more" | "alive" => {
    usage = usageSoFar(value) ?? usage;
    const told = measuresIn(value);
    if (told === undefined) return "more";
    measures = { ...measures, ...told };
    if (told.prefill !== undefined && !begun) outbox.push({ type: "prefill", ...told.prefill });
    return "alive";
  };
  /** Whether the part is something the model said. */
  const takeSaid = (part: LanguageModelV4StreamPart): boolean => {
    if (part.type === "text-delta" || part.type === "tool-input-delta") takeBlank(part.delta);
    if (part.type === "text-delta") splitter.push(part.delta);
    else if (part.type === "reasoning-delta" && part.delta !== "") takeReasoning(part.delta);
    else if (part.type === "tool-input-delta") bytes.calls += Buffer.byteLength(part.delta);
    else if (part.type === "tool-call") calls.push({ id: part.toolCallId, name: part.toolName, input: part.input });
    else return false;
    return part.type === "tool-call" || part.delta !== "";
  };

  return {
    outbox,
    get begun() {
      return begun;
    },
    get error() {
      return error;
    },
    get finishReason() {
      return finishReason;
    },
    get withheldFor() {
      return withheldFor;
    },
    get usage() {
      return usage;
    },
    get measures() {
      return measures;
    },
    get bytes() {
      return bytes.text + bytes.reasoning + bytes.calls;
    },
    take(part) {
      if (part.type === "finish") {
        splitter.end();
        finishReason = part.finishReason.unified;
        withheldFor = reasonToWithhold(part);
        usage = part.usage;
        return "more";
      }
      if (part.type === "raw") return takeRaw(part.rawValue);
      if (part.type === "error") {
        error = { value: part.error };
        return "error";
      }
      const done = activities.take(part);
      if (done !== undefined) {
        if (done.type !== "quiet") outbox.push(done);
        return "alive";
      }
      if (isAsideEnd(part)) takeAside();
      const said = takeSaid(part);
      begun ||= said;
      if (!said) return "more";
      return ranAway() || repeatsItself() ? "cut" : "said";
    },
    collect(finish) {
      splitter.end();
      tellThinkingApart();
      const text = period === undefined || bytes.text > longest.text ? texts.whole() : withoutLoop(texts.whole(), period);
      const reasoning = thoughts.whole();
      return {
        text: finish === "cut" ? firstBytes(text, prompt.maxTextTokens * CHARACTERS_PER_TOKEN) : text,
        reasoning,
        toolCalls: usableCalls(calls, finish),
        ...activities.collected(),
      };
    },
  };
}

/** What a model that works in many requests has taken until now: who is broken off has cost that much. */
function usageSoFar(value: unknown): LanguageModelV4Usage | undefined {
  return (value as { readonly massgen?: { readonly usage?: LanguageModelV4Usage } } | null | undefined)?.massgen?.usage;
}

/** Agents that work with tools of their own say what they are about to do; such a text ends with this mark. */
function isAsideEnd(part: LanguageModelV4StreamPart): boolean {
  return part.type === "text-end" && part.providerMetadata?.["massgen"]?.["aside"] === true;
}

/** The head of a text, never ending inside a character. */
function firstBytes(text: string, longest: number): string {
  const bytes = Buffer.from(text.slice(0, longest));
  if (bytes.length <= longest) return bytes.toString();
  let end = longest;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}

/** Calls with ids of their own; a call that was cut in half is none. */
function usableCalls(calls: readonly ToolCall[], finish: Finish): readonly ToolCall[] {
  const used = new Set<string>();
  const whole = finish === "length" || finish === "cut" ? calls.filter(({ input }) => parseJson(input) !== undefined) : calls;
  return whole.map((call, index) => {
    const id = call.id === "" || used.has(call.id) ? `${call.id === "" ? "call" : call.id}-${index + 1}` : call.id;
    used.add(id);
    return { id, name: call.name, input: call.input.trim() === "" ? "{}" : call.input };
  });
}
