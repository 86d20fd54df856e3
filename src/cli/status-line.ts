import type { Purpose } from "../core/facts/effects.ts";
import { type AgentProgress, boardOf, type Doing } from "../views/board.ts";
import { duration, percent, speed } from "../views/measures.ts";
import type { Progress } from "../views/progress.ts";

const verbs: Readonly<Record<Purpose, string>> = {
  draft: "drafting",
  ballot: "judging",
  improvement: "improving",
  presentation: "wording the answer",
};

/** What the council is doing at `now` (milliseconds since the epoch), on one line; empty once the run has ended. */
export function statusLine(progress: Progress, now: number): string {
  const { state } = progress;
  if (state === undefined || state.ended !== undefined) return "";
  const elapsed = duration(state.clock.elapsed + Math.max(0, now - state.clock.now));
  return [elapsed, ...boardOf(progress).agents.flatMap((agent) => agentText(agent, now))].join(" | ");
}

/** The same for a terminal that it is too long for: who watches knows by then what the speeds are of. */
export function shortened(status: string): string {
  return status.replaceAll(" tokens/s", "/s");
}

function agentText({ id, doing, tokensPerSecond }: AgentProgress, now: number): readonly string[] {
  const rate = tokensPerSecond === undefined ? "" : ` ${speed(tokensPerSecond)}`;
  const text = doingText(doing, now);
  return text === "" ? [] : [`${id} ${text}${rate}`];
}

function doingText(doing: Doing, now: number): string {
  switch (doing.type) {
    case "queued":
      return "queued";
    case "loading":
      return withPart("loading", doing.part);
    case "prefill":
      return withPart("reading", doing.part);
    case "working":
      return verbs[doing.purpose];
    case "waiting":
      return `tries again in ${duration(Math.max(0, doing.until - now))}`;
    case "tools":
      return `calls ${doing.names.join(", ")}`;
    case "out":
      return "out";
    case "idle":
    case "done":
      return "";
  }
}

function withPart(doing: string, part: number | undefined): string {
  return part === undefined ? doing : `${doing} ${percent(part)}`;
}
