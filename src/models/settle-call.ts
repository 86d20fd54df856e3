import type { Failure, Finish, Outcome, Reply, Timing, Usage } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { asBallotReply } from "./ballot-reply.ts";
import { cutFailure } from "./failure-of.ts";
import type { Measures } from "./measures.ts";
import type { Interruption } from "./patience.ts";
import type { Collected, Reading } from "./reading.ts";
import { advised, type Remedies, type Told } from "./remedies.ts";
import { findOfferedCalls } from "./text-tool-calls.ts";
import { NO_USAGE, usageOf } from "./usage-of.ts";

/** A call as far as it came. */
export interface CallSoFar {
  readonly prompt: Prompt;
  readonly reading: Reading;
  /** Names the model or its engine in sentences. */
  readonly where: string;
  /** What helps there. */
  readonly remedies: Remedies;
  /** Whether the model had been asked already: then it read the prompt, and that is paid. */
  readonly sent: boolean;
  readonly countedTokens: number | undefined;
  /** Whether the model works by itself, so that its counts are not those of the prompt. */
  readonly works: boolean;
  readonly timing: (usage: Usage, reported: Measures) => Timing | undefined;
}

/** A stream that came to its end. */
export function ended(call: CallSoFar): Outcome {
  const { finishReason } = call.reading;
  const { where } = call;
  if (finishReason === undefined || finishReason === "interrupted") return failed(cutFailure(where), call);
  if (finishReason === "error") {
    return failed({ kind: "server-error", message: `${where} ended its reply with an error.`, retryable: true }, call);
  }
  const failure = withheld(finishReason, call) ?? failureOfNothing(finishReason, call);
  return failure === undefined ? replied(finishReason, call) : failed(failure, call);
}

/** What was said until a policy ended it is no answer, and neither are the words of a refusal. */
function withheld(finish: Finish, { reading, where }: CallSoFar): Told | undefined {
  if (finish !== "content-filter" || reading.collect("other").toolCalls.length > 0) return undefined;
  const message = `${where} withheld its reply for its content policy.`;
  return { kind: "content-filter", message, retryable: false, ...(reading.withheldFor !== undefined && { quote: reading.withheldFor }) };
}

/** A reply without a word in it is none: engines lose calls that their parsers do not understand. Thinking that found no end is one. */
function failureOfNothing(finish: Finish, { reading, where }: CallSoFar): Failure | undefined {
  const { text, reasoning, toolCalls } = reading.collect("other");
  if (text !== "" || toolCalls.length > 0) return undefined;
  if (finish === "length" || reasoning !== "") return undefined;
  return { kind: "invalid-reply", message: `${where} ended its reply without a word in it.`, retryable: true };
}

export function replied(finish: Finish, call: CallSoFar): Outcome {
  const collected = call.reading.collect(finish);
  const { ballot } = call.prompt;
  const { reasoning, ...said } = ballot === undefined ? withWrittenCalls(collected, call.prompt) : asBallotReply(collected, ballot, finish);
  return { type: "replied", ...said, ...(reasoning === "" ? {} : { reasoning }), finish, ...measured(call, true) };
}

/** Engines leave calls in the text that their parsers do not know. */
function withWrittenCalls(collected: Collected, { tools }: Prompt): Collected {
  if (tools === undefined || collected.toolCalls.length > 0) return collected;
  return { ...collected, ...findOfferedCalls(collected.text, tools) };
}

export function failed(told: Told, call: CallSoFar): Outcome {
  const { text } = call.reading.collect("other");
  return { type: "failed", failure: advised(told, call.remedies), ...(text === "" ? {} : { text }), ...measured(call, call.reading.begun) };
}

export function brokenOff(why: Interruption, call: CallSoFar): Outcome {
  const { text } = call.reading.collect("other");
  const rest = { ...(text === "" ? {} : { text }), ...measured(call, call.sent) };
  if (why.type === "cancelled") return { type: "cancelled", ...rest };
  const told: Told = { kind: "timeout", message: `${call.where} ${why.what}.`, retryable: true };
  return { type: "failed", failure: advised(told, call.remedies), ...rest };
}

function measured(
  { prompt, reading, countedTokens, timing, works }: CallSoFar,
  paid: boolean,
): Pick<Reply, "usage" | "timing" | "countedTokens"> {
  const counted = paid ? usageOf(reading.usage, prompt, reading.bytes) : NO_USAGE;
  const usage = paid && works ? { ...counted, estimated: true } : counted;
  const taken = timing(usage, reading.measures);
  return {
    usage,
    ...(taken === undefined ? {} : { timing: taken }),
    ...(countedTokens === undefined ? {} : { countedTokens }),
  };
}
