import type { Fact, FactOf, RunEvent } from "../core/facts.ts";
import type { Purpose } from "../core/facts/effects.ts";
import type { RunState } from "../core/state.ts";
import { attachmentText } from "./attachment-text.ts";
import { activityLines, beginning, requestLines, settlementLines } from "./call-lines.ts";
import { listed } from "../core/listed.ts";
import { measuresOf } from "./call-measures.ts";
import { counted, duration, speed } from "./measures.ts";
import { clause, outcomeText, standingsText } from "./outcome-text.ts";
import { excerpt } from "./plain-text.ts";
import type { Progress } from "./progress.ts";
import { speedsText } from "./speeds-text.ts";
import type { TimelineLine, Verbosity } from "./timeline-line.ts";
import { toolCallLine, toolResultLines } from "./tool-lines.ts";

const EXCERPT_CHARACTERS = 100;
/** Nobody notices that a model was loaded in less. */
const NOTICEABLE_MS = 1_000;

/** What there is to say about an event, once `progress` has folded it. Nothing a model wrote can do harm in a terminal. */
export function timelineOf(event: RunEvent, progress: Progress, verbosity: Verbosity): readonly TimelineLine[] {
  const { state } = progress;
  if (state === undefined) return [];
  const tell = tellers[event.type] as (fact: RunEvent, telling: Telling) => readonly TimelineLine[];
  const lines = tell(event, { progress, state, verbosity });
  if (verbosity === "normal") return lines;
  const stamp = `+${(state.clock.elapsed / 1_000).toFixed(2)}s`;
  return lines.map(({ tone, text }) => ({ tone, text: `${stamp} ${text}` }));
}

interface Telling {
  readonly progress: Progress;
  readonly state: RunState;
  readonly verbosity: Verbosity;
}

const plain = (text: string): readonly TimelineLine[] => [{ tone: "plain", text }];
const faint = (text: string): readonly TimelineLine[] => [{ tone: "faint", text }];
const warning = (text: string): readonly TimelineLine[] => [{ tone: "warning", text }];
const nothing: readonly TimelineLine[] = [];

type Tellers = { readonly [Type in Fact["type"]]: (fact: FactOf<Type>, telling: Telling) => readonly TimelineLine[] };

const tellers: Tellers = {
  "run-started": ({ agents, attachments = [] }) => [
    ...plain(`Asking ${counted(agents.length, "agent")}: ${seats(agents)}.`),
    ...attachments.flatMap((attachment) => plain(`With ${attachmentText(attachment)}`)),
  ],
  "run-resumed": () => plain("The run goes on where it was interrupted."),
  "call-requested": (request, { state, verbosity }) => (verbosity === "normal" ? nothing : requestLines(request, state, verbosity)),
  "call-started": ({ callId }, { state }) => {
    const request = state.calls.get(callId)?.request;
    return request === undefined ? nothing : plain(beginning(request));
  },
  "call-cancelled": ({ callId, why }, { verbosity }) =>
    verbosity === "normal" ? nothing : faint(`${callId} is cancelled: ${cancellations[why]}`),
  "call-settled": (fact, { progress, state, verbosity }) => {
    const agent = state.calls.get(fact.callId)?.request.agent ?? "";
    return [...activityLines(agent, fact), ...(verbosity === "normal" ? nothing : settlementLines(fact, progress, verbosity))];
  },
  "tool-requested": (fact) => [toolCallLine(fact)],
  "tool-settled": (fact, { state, verbosity }) => toolResultLines(fact, state, verbosity),
  "timer-requested": ({ purpose, agent, callId, until }, { state }) => {
    if (purpose !== "retry" || agent === undefined) return nothing;
    const outcome = callId === undefined ? undefined : state.calls.get(callId)?.outcome;
    const why = outcome?.type === "failed" ? ` (${clause(outcome.failure.message)})` : "";
    return warning(`${agent} failed${why} and tries again in ${duration(Math.max(0, until - state.clock.now))}`);
  },
  "timer-settled": () => nothing,
  "answer-submitted": (answer, { progress }) => plain(answered(answer, progress)),
  "author-joined": ({ agent, label }) => plain(`${agent} wrote the same as answer ${label} and is its author too`),
  "improvement-chosen": ({ agent, reason }) => plain(`${agent} wants to write a better answer${because(reason)}`),
  "vote-cast": ({ agent, choice, reason }) => plain(`${agent} votes for ${choice.label}${because(reason)}`),
  "reply-refused": ({ agent, why }, { verbosity }) =>
    verbosity === "normal" ? nothing : warning(`${agent} gave a reply that cannot be used: ${refusals[why]}`),
  "agent-abstained": ({ agent, from, why }) => warning(`${agent} ${abstentions[from]}: ${clause(why)}`),
  "agent-out": ({ agent, why }) => warning(`${agent} is out: ${clause(why)}`),
  "round-opened": ({ round, snapshot, overdue }) => {
    const late = overdue.length === 0 ? "" : `, without waiting for ${listed(overdue)}`;
    return plain(`Round ${round}: judging ${listed(snapshot.map(({ label }) => label))}${late}`);
  },
  "tally-taken": ({ standings, ballots }) =>
    standings.length === 1 && ballots.length === 0 ? nothing : plain(`Votes: ${standingsText(standings)}`),
  "user-stopped": () => warning("Stopping: the leading answer is the result"),
  notice: ({ level, text }) => (level === "warning" ? warning(clause(text)) : plain(clause(text))),
  "run-ended": (ended, { state }) => [...outcomeText(ended), ...speedsText(state)].map((text) => ({ tone: "result", text })),
};

/** Agents on the same model are named together. */
function seats(agents: FactOf<"run-started">["agents"]): string {
  const byModel = new Map<string, readonly string[]>();
  for (const { id, model } of agents) byModel.set(model, [...(byModel.get(model) ?? []), id]);
  return Array.from(byModel, ([model, ids]) => `${listed(ids)} (${clause(model)})`).join(", ");
}

const abstentions: Readonly<Record<Purpose, string>> = {
  draft: "gives no answer",
  ballot: "abstains from voting",
  improvement: "does not improve after all",
  presentation: "does not word the final answer",
};

const refusals: Readonly<Record<FactOf<"reply-refused">["why"], string>> = {
  "no-choice": "it holds no choice",
  "several-choices": "it holds several choices",
  "unknown-label": "it names an answer that does not exist",
  "may-not-improve": "its author may not answer again",
  "empty-answer": "it is empty",
  "unknown-tool": "it calls a tool that was not offered",
};

const cancellations: Readonly<Record<FactOf<"call-cancelled">["why"], string>> = {
  "new-answer": "there is a new answer",
  decided: "it cannot change the result any more",
  overdue: "nobody waits for it any more",
  bound: "a bound of the run was reached",
  stopped: "the run was stopped",
  "agent-time": "the time of its agent is up",
};

function answered(
  { label, version, authors, origin, text, tokens, truncated, callId }: FactOf<"answer-submitted">,
  progress: Progress,
): string {
  const { tokensPerSecond, loadMs = 0 } = measuresOf(progress, callId) ?? {};
  const size = [
    counted(tokens, "token"),
    ...(tokensPerSecond === undefined ? [] : [speed(tokensPerSecond)]),
    ...(loadMs < NOTICEABLE_MS ? [] : [`after ${duration(loadMs)} of loading`]),
    ...(truncated ? ["cut off"] : []),
  ].join(", ");
  const did = origin === "draft" ? `answered: ${label}` : `improved: ${label}, version ${version}`;
  return `${listed(authors)} ${did} (${size}) "${excerpt(text, EXCERPT_CHARACTERS)}"`;
}

const because = (reason: string): string => (clause(reason) === "" ? "" : `: ${clause(reason)}`);
