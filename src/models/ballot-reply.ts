import { exactObjects, isInside } from "../core/ballots/exact-objects.ts";
import { looseObjects } from "../core/ballots/loose-json.ts";
import type { Finish } from "../core/facts/outcome.ts";
import type { BallotForm } from "../core/messages.ts";
import type { Collected } from "./reading.ts";
import { isCallLoop } from "./repetition.ts";
import { findTextToolCalls } from "./text-tool-calls.ts";
import { THINKING_MARKS } from "./thinking-marks.ts";

const NO_CALLS = { text: "", toolCalls: [] };

/**
 * A reply to a ballot with everything in its place: calls written as text count as made where the tool was offered, thinking between
 * the lines is taken out, a ballot that an engine took for thinking is found. A call repeated without end says nothing.
 */
export function asBallotReply(collected: Collected, ballot: BallotForm, finish: Finish): Collected {
  if (isCallLoop(collected.toolCalls)) return { ...collected, ...NO_CALLS };
  if (collected.toolCalls.length > 0) return collected;
  const apart = withoutThinking(collected);
  if (apart.text.trim() === "") return ballot.rung === "schema" && finish === "stop" ? takenForThinking(apart, ballot) : apart;
  const toolCalls = ballot.rung === "tool" ? findTextToolCalls(apart.text, finish === "length" || finish === "cut") : [];
  if (toolCalls.length === 0) return apart;
  return { ...apart, ...NO_CALLS, ...(isCallLoop(toolCalls) ? {} : { toolCalls }) };
}

function withoutThinking(collected: Collected): Collected {
  let { text, reasoning } = collected;
  for (const { open, closes } of THINKING_MARKS) {
    for (let at = text.indexOf(open); at !== -1 && !isInside(exactObjects(text), at); at = text.indexOf(open)) {
      const close = closes.find((mark) => text.includes(mark, at));
      const end = close === undefined ? text.length : text.indexOf(close, at);
      reasoning += text.slice(at + open.length, end);
      text = text.slice(0, at) + text.slice(end + (close?.length ?? 0));
    }
  }
  return { ...collected, text, reasoning };
}

/** LM Studio and Ollama may put the JSON they were asked for behind the thinking, with an empty text: the very last thing in it counts. */
function takenForThinking(collected: Collected, { choices }: BallotForm): Collected {
  const reasoning = collected.reasoning.replace(/\s*```\s*$/u, "").trimEnd();
  const last = looseObjects(reasoning).at(-1);
  if (last?.end !== reasoning.length) return collected;
  const text = reasoning.slice(last.start);
  return isBallot(text, choices) ? { ...collected, text, reasoning: reasoning.slice(0, last.start) } : collected;
}

function isBallot(json: string, choices: readonly string[]): boolean {
  try {
    const { choice, reason } = JSON.parse(json) as Record<string, unknown>;
    return typeof reason === "string" && typeof choice === "string" && choices.includes(choice);
  } catch {
    return false;
  }
}
