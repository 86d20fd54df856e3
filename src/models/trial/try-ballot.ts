import type { Outcome, Reply } from "../../core/facts/outcome.ts";
import type { Rung } from "../../core/facts/settings.ts";
import type { Prompt } from "../../core/messages.ts";
import type { AgentState, RunState } from "../../core/state.ts";
import { type OrUndefined, withoutUndefined } from "../../core/without-undefined.ts";
import { play } from "./play.ts";
import type { TriedBallot } from "./trial.ts";

const JUDGE = "judge";

/** One ballot over two answers, with the corrections and retries of the protocol. */
export async function tryBallot(rungs: readonly Rung[], ask: (prompt: Prompt) => Promise<Outcome>): Promise<TriedBallot> {
  const agents = [
    { id: JUDGE, model: JUDGE, rungs },
    { id: "other", model: "other", rungs: ["text"] as const },
  ];
  const state = await play(
    { agents },
    ({ request: { purpose, agent }, prompt }) => {
      if (purpose === "ballot" && agent === JUDGE) return ask(prompt);
      return purpose === "draft" ? scripted(texts[agent]) : noVoter;
    },
    isDone,
  );
  return { rungs, ...resultOf(state) };
}

/** The judge has chosen, or will not. */
function isDone({ agents: [judge], tally }: RunState): boolean {
  return tally !== undefined || (judge?.vote ?? judge?.improvesAfter ?? judge?.abstains ?? judge?.out) !== undefined;
}

function resultOf({ agents: [judge], calls }: RunState): Omit<TriedBallot, "rungs"> {
  const asked = [...calls.values()].filter(({ request }) => request.agent === JUDGE && request.purpose === "ballot");
  const { request, outcome } = asked.at(-1) ?? {};
  const thought = outcome?.type === "replied" && outcome.reasoning !== undefined;
  return { attempts: asked.length, thought, ...(judge === undefined ? {} : withoutUndefined(endOf(judge, request?.rung))) };
}

/** The rung its choice came on, or why it made none. */
function endOf({ vote, improvesAfter, abstains, out }: AgentState, rung: Rung | undefined): OrUndefined<Pick<TriedBallot, "rung" | "why">> {
  return vote !== undefined || improvesAfter !== undefined ? { rung, why: undefined } : { rung: undefined, why: abstains ?? out?.why };
}

/** With a vote of its own it could decide the ballot before the judge has been corrected. */
const noVoter: Outcome = {
  type: "failed",
  failure: { kind: "unavailable", message: "It only stands for election.", retryable: false },
  usage: { inputTokens: 0, outputTokens: 0, estimated: true },
};

const texts: Readonly<Record<string, string>> = {
  judge: "The capital of France is Paris.",
  other: "It is Lyon, the second largest city of the country.",
};

function scripted(text = ""): Reply {
  return { type: "replied", text, toolCalls: [], finish: "stop", usage: { inputTokens: 0, outputTokens: 0, estimated: true } };
}
