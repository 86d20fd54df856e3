import { readBallot, type ReadBallot } from "../../ballots/read-ballot.ts";
import { exhausted } from "../../bounds.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { Failure, Reply } from "../../facts/outcome.ts";
import { ballotChoices } from "../../prompts/judging-prompt.ts";
import type { AgentState, Call, RunState, Task } from "../../state.ts";
import { lossNotice } from "./notices.ts";
import { readFailure, timeIsUp } from "./read-failure.ts";
import { readText, standAsCutOff, standBesideTools, standBrokenOff } from "./read-text.ts";
import { refuse } from "./refuse.ts";

/** Says what the settled calls mean, one agent at a time: two equal drafts must find each other. */
export function readReplies(state: RunState): readonly Fact[] {
  for (const agent of state.agents) {
    const call = agent.task?.status === "settled" ? state.calls.get(agent.task.callId) : undefined;
    const facts =
      agent.task === undefined || call === undefined ? [] : [...lossNotice(agent, call), ...read(state, agent, agent.task, call)];
    if (facts.length > 0) return facts;
  }
  return [];
}

function read(state: RunState, agent: AgentState, task: Task, call: Call): readonly Fact[] {
  const { request, outcome } = call;
  if (outcome === undefined) return [];
  if (outcome.type === "replied") {
    return task.purpose === "ballot" ? ballot(state, request, outcome) : readText(state, agent, request, outcome);
  }
  const firstPart = standAsCutOff(state, request);
  if (firstPart.length > 0) return firstPart;
  if (outcome.type === "failed") return exhausted(state) === undefined ? afterFailure(state, agent, request, outcome.failure) : [];
  return call.cancelled === "agent-time" ? [...standBrokenOff(state, agent), timeIsUp(state, agent)] : [];
}

/** Who has no more attempts may have written its answer before. */
function afterFailure(state: RunState, agent: AgentState, request: FactOf<"call-requested">, failure: Failure): readonly Fact[] {
  const facts = readFailure(state, agent, request, failure);
  const isLost = facts.some(({ type }) => type === "agent-out" || type === "agent-abstained");
  const answer = isLost ? standBesideTools(state, request) : [];
  return answer.length > 0 ? answer : facts;
}

function ballot(state: RunState, request: FactOf<"call-requested">, reply: Reply): readonly Fact[] {
  const labels = ballotChoices(state, { snapshot: request.snapshot });
  const read = readBallot(reply, labels, request.mayImprove === true);
  return read.type === "refused" ? refuse(state, request, read.why) : [choice(request, read)];
}

function choice(request: FactOf<"call-requested">, { choice, reason }: Extract<ReadBallot, { type: "choice" }>): Fact {
  const { callId, agent, snapshot } = request;
  const chosen = snapshot.find(({ label }) => label === choice);
  if (chosen === undefined) return { type: "improvement-chosen", callId, agent, reason };
  return { type: "vote-cast", callId, agent, choice: chosen, snapshot, reason };
}
