import type { Failure, Finish, Outcome, Reply, Timing, Usage } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { BALLOT } from "../core/ballots/read-ballot.ts";
import { cutFailure } from "./failure-of.ts";
import type { Measures } from "./measures.ts";
import type { Interruption } from "./patience.ts";
import type { Collected, Reading } from "./reading.ts";
import { findTextToolCalls } from "./text-tool-calls.ts";
import { NO_USAGE, usageOf } from "./usage-of.ts";

/** A call as far as it came. */
export interface CallSoFar {
  readonly prompt: Prompt;
  readonly reading: Reading;
  /** Names the model in sentences. */
  readonly where: string;
  /** Whether the model had been asked already: then it read the prompt, and that is paid. */
  readonly sent: boolean;
  readonly countedTokens: number | undefined;
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
  const outcome = replied(finishReason, call);
  if (finishReason === "content-filter" && outcome.type === "replied" && outcome.text === "" && outcome.toolCalls.length === 0) {
    return failed({ kind: "content-filter", message: `${where} withheld its reply for its content policy.`, retryable: false }, call);
  }
  return outcome;
}

export function replied(finish: Finish, call: CallSoFar): Outcome {
  const { text, reasoning, toolCalls } = withTextCalls(call.reading.collect(finish), call.prompt);
  return { type: "replied", text, ...(reasoning === "" ? {} : { reasoning }), toolCalls, finish, ...measured(call, true) };
}

export function failed(failure: Failure, call: CallSoFar): Outcome {
  const { text } = call.reading.collect("other");
  return { type: "failed", failure, ...(text === "" ? {} : { text }), ...measured(call, call.reading.begun) };
}

export function brokenOff(why: Interruption, call: CallSoFar): Outcome {
  const { text } = call.reading.collect("other");
  const rest = { ...(text === "" ? {} : { text }), ...measured(call, call.sent) };
  if (why.type === "cancelled") return { type: "cancelled", ...rest };
  return { type: "failed", failure: { kind: "timeout", message: `${call.where} ${why.what}.`, retryable: true }, ...rest };
}

/** A model that was offered a tool may write the call as text: it counts as made. */
function withTextCalls(collected: Collected, prompt: Prompt): Collected {
  if (prompt.ballot?.rung !== "tool" || collected.toolCalls.length > 0) return collected;
  const toolCalls = findTextToolCalls(collected.text, [BALLOT]);
  return toolCalls.length === 0 ? collected : { ...collected, text: "", toolCalls };
}

function measured({ prompt, reading, countedTokens, timing }: CallSoFar, paid: boolean): Pick<Reply, "usage" | "timing" | "countedTokens"> {
  const usage = paid ? usageOf(reading.usage, prompt, reading.bytes) : NO_USAGE;
  const taken = timing(usage, reading.measures);
  return {
    usage,
    ...(taken === undefined ? {} : { timing: taken }),
    ...(countedTokens === undefined ? {} : { countedTokens }),
  };
}
