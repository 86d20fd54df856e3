import { readBallot } from "../../core/ballots/read-ballot.ts";
import type { Failure, Outcome } from "../../core/facts/outcome.ts";
import type { Rung } from "../../core/facts/settings.ts";
import type { Prompt } from "../../core/messages.ts";
import { promptTexts } from "../../core/prompts/texts.ts";
import { callModel } from "../call-model.ts";
import type { Clock } from "../clock.ts";
import type { CouncilModel } from "../model.ts";

/** What a few tokens showed of a model, all of its output together no more than `MOST_OUTPUT_TOKENS`. */
export interface BackendTest {
  readonly key: "accepted" | "refused" | "unknown";
  readonly model: "there" | "missing" | "unknown";
  /** In several pieces, all at once, or nothing was written. */
  readonly streaming: "pieces" | "at once" | "unknown";
  /** Where a ballot came back that could be read. */
  readonly ballot: Rung | undefined;
  /** Whether a function of ours was called; taken: it was offered without a complaint. */
  readonly tools: "called" | "taken" | "refused" | "unknown";
  readonly images: "taken" | "refused" | "not for this model" | "unknown";
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** A sentence for each thing that failed; empty where all is well. */
  readonly failures: readonly string[];
  /** What is no failure and good to know. */
  readonly remarks: readonly string[];
}

export const MOST_OUTPUT_TOKENS = 50;
/** No call may ask OpenAI for fewer than 16. */
const TEXT_TOKENS = 16;
const TOOL_TOKENS = 16;
const BALLOT_TOKENS = MOST_OUTPUT_TOKENS - TEXT_TOKENS - TOOL_TOKENS;
/** Of the three prompts together, an image included; for the price. */
export const ABOUT_INPUT_TOKENS = 600;

/** The smallest PNG there is. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const pixel = { id: "0".repeat(64), name: "pixel.png", mediaType: "image/png", bytes: 70, kind: "image", tokens: 100 } as const;
const tool = {
  name: "note",
  description: "Takes a note.",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"], additionalProperties: false },
};
const CHOICES = ["A", "B"] as const;

interface Asked {
  readonly outcome: Outcome;
  readonly pieces: number;
}

/** Asks a model three small things: to write, to choose, to call. Nothing of it is kept; a first failure that would repeat itself ends it. */
export async function testBackend(model: CouncilModel, clock: Clock, signal: AbortSignal): Promise<BackendTest> {
  const ask: Ask = (prompt, text, tokens) =>
    asked(model, { messages: [{ role: "user", text }], maxOutputTokens: tokens, maxTextTokens: tokens, ...prompt }, clock, signal);
  const sees = model.accepts?.images === true;
  const { written, refused } = await write(sees, ask);
  if (written.outcome.type === "failed") return hopeless(written.outcome.failure, sees, [written]);
  const rung = model.rungs[0] ?? "text";
  const chosen = await ask({ ballot: { rung, choices: CHOICES } }, ballotText(rung), BALLOT_TOKENS);
  const called = await ask({ tools: [tool.name] }, `Call the tool "${tool.name}" with the text "hi".`, TOOL_TOKENS);
  const ballot = ballotOf(chosen.outcome);
  const tools = toolsOf(called.outcome);
  return {
    key: "accepted",
    model: "there",
    streaming: streamingOf(written),
    ballot: ballot.isRead ? rung : undefined,
    tools: tools.verdict,
    images: imagesOf(sees, refused),
    ...spent([refused, written, chosen, called]),
    failures: existing([refused && sentenceOf(refused.outcome), ballot.failure, tools.failure]),
    remarks: existing([cutWhileThinking(written.outcome), ballot.remark]),
  };
}

type Ask = (prompt: Partial<Prompt>, text: string, tokens: number) => Promise<Asked>;

/** With an image for a model that sees; without it once more where that was refused. */
async function write(sees: boolean, ask: Ask): Promise<{ readonly written: Asked; readonly refused?: Asked }> {
  const text = "Count from one to eight in words.";
  const first = await ask(sees ? { messages: [{ role: "user", text, attachments: [pixel] }] } : {}, text, TEXT_TOKENS);
  const isRefused = sees && first.outcome.type === "failed" && first.outcome.failure.kind === "bad-request";
  return isRefused ? { written: await ask({}, text, TEXT_TOKENS), refused: first } : { written: first };
}

function streamingOf({ pieces }: Asked): BackendTest["streaming"] {
  if (pieces === 0) return "unknown";
  return pieces === 1 ? "at once" : "pieces";
}

function imagesOf(sees: boolean, refused: Asked | undefined): BackendTest["images"] {
  if (!sees) return "not for this model";
  return refused === undefined ? "taken" : "refused";
}

function existing(sentences: readonly (string | undefined)[]): readonly string[] {
  return sentences.filter((sentence) => sentence !== undefined);
}

async function asked(model: CouncilModel, prompt: Prompt, clock: Clock, signal: AbortSignal): Promise<Asked> {
  const blob = (): Uint8Array => Buffer.from(PIXEL, "base64");
  const call = callModel(model, prompt, { clock, blob, tools: prompt.tools === undefined ? [] : [tool] }, signal);
  for (let pieces = 0; ;) {
    const { done, value } = await call.next();
    if (done === true) {
      signal.throwIfAborted();
      return { outcome: value, pieces };
    }
    if (value.type === "text" || value.type === "reasoning") pieces += 1;
  }
}

function ballotText(rung: Rung): string {
  const form = { schema: "ballotSchema", tool: "ballotTool", text: "ballotText" } as const;
  return `Which is a fruit: A, an apple, or B, a brick? ${promptTexts[form[rung]].replace("{choices}", CHOICES.join(", "))} The reason is one word.`;
}

function ballotOf(outcome: Outcome): { readonly isRead: boolean; readonly failure?: string; readonly remark?: string } {
  if (outcome.type !== "replied") return { isRead: false, failure: sentenceOf(outcome) };
  if (readBallot(outcome, CHOICES, false).type === "choice") return { isRead: true };
  const remark = cutWhileThinking(outcome);
  if (remark !== undefined || outcome.finish === "length") {
    return { isRead: false, remark: remark ?? `Its ballot did not fit into ${BALLOT_TOKENS} tokens, so how it votes is not known.` };
  }
  return { isRead: false, failure: "It gave no ballot that can be read." };
}

function toolsOf(outcome: Outcome): { readonly verdict: BackendTest["tools"]; readonly failure?: string } {
  if (outcome.type === "replied") return { verdict: outcome.toolCalls.some(({ name }) => name === tool.name) ? "called" : "taken" };
  return { verdict: "refused", failure: sentenceOf(outcome) };
}

function cutWhileThinking(outcome: Outcome): string | undefined {
  const isCut = outcome.type === "replied" && outcome.text === "" && outcome.toolCalls.length === 0 && outcome.finish === "length";
  return isCut ? "It thinks first, and all the tokens of this test went into that." : undefined;
}

function sentenceOf(outcome: Outcome): string {
  return outcome.type === "failed" ? outcome.failure.message : "It did not answer.";
}

/** A key that is refused or a model that is missing would fail the rest just the same. */
function hopeless(failure: Failure, sees: boolean, calls: readonly Asked[]): BackendTest {
  return {
    key: failure.kind === "auth" ? "refused" : failure.kind === "not-found" ? "accepted" : "unknown",
    model: failure.kind === "not-found" ? "missing" : "unknown",
    streaming: "unknown",
    ballot: undefined,
    tools: "unknown",
    images: sees ? "unknown" : "not for this model",
    ...spent(calls),
    failures: [failure.message],
    remarks: [],
  };
}

function spent(calls: readonly (Asked | undefined)[]): Pick<BackendTest, "inputTokens" | "outputTokens"> {
  const usages = calls.flatMap((call) => (call === undefined ? [] : [call.outcome.usage]));
  return {
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
  };
}
