import { stateOf } from "../core/evolve.ts";
import type { RunEvent } from "../core/facts.ts";
import { sameRef } from "../core/answers.ts";
import type { Answer, RunState } from "../core/state.ts";
import { listed } from "../core/listed.ts";
import { attachmentLines } from "./attachment-text.ts";
import { counted } from "./measures.ts";
import { clause, outcomeText } from "./outcome-text.ts";
import { plainText } from "./plain-text.ts";
import { speedsText } from "./speeds-text.ts";
import { toolUseText } from "./tool-lines.ts";

/** A whole run as text to read: question, answers, ballots, result, in the style of Markdown. Empty for no events. */
export function transcriptOf(events: readonly RunEvent[]): string {
  const state = stateOf(events);
  if (state === undefined) return "";
  const { runId, question, history, agents } = state.started;
  const sections = [
    `# Run ${runId}`,
    agents.map(({ id, model }) => `- ${id}: ${clause(model)}`).join("\n"),
    ...notices(events),
    ...(history.length === 0 ? [] : [`(after ${counted(history.length, "message")} of conversation)`]),
    section("Question", question),
    ...files(state.started),
    ...toolUses(state),
    ...state.answers.map((answer) => section(title(answer), answer.text)),
    ...ballots(state),
    ...ending(state, events),
  ];
  return `${sections.join("\n\n")}\n`;
}

function notices(events: readonly RunEvent[]): readonly string[] {
  const lines = events.flatMap((event) => (event.type === "notice" ? [`> ${clause(event.text)}`] : []));
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function files(started: RunState["started"]): readonly string[] {
  const lines = attachmentLines(started);
  return lines.length === 0 ? [] : [`With ${counted(lines.length, "file")}:\n\n${lines.map((line) => `- ${line}`).join("\n")}`];
}

function section(name: string, text: string): string {
  return `## ${name}\n\n${plainText(text).trim()}`;
}

function title({ ref, authors, tokens, truncated }: Answer): string {
  const version = ref.version === 1 ? "" : `, version ${ref.version}`;
  return `Answer ${ref.label}${version}, by ${listed(authors)} (${counted(tokens, "token")}${truncated ? ", cut off" : ""})`;
}

function toolUses({ tools }: RunState): readonly string[] {
  const lines = Array.from(tools.values(), (use) => `- ${toolUseText(use)}`);
  return lines.length === 0 ? [] : [`## Tools\n\n${lines.join("\n")}`];
}

/** Every vote that was cast last by its agent; those that the tally did not take are marked. */
function ballots({ agents, tally }: RunState): readonly string[] {
  const lines = agents.flatMap(({ agent, vote }) => {
    if (vote === undefined) return [];
    const counted = tally?.ballots.some((ballot) => ballot.agent === agent.id && sameRef(ballot.choice, vote.choice)) ?? true;
    const reason = clause(vote.reason);
    return [`- ${agent.id} for ${vote.choice.label}${reason === "" ? "" : `: ${reason}`}${counted ? "" : " (not counted)"}`];
  });
  return lines.length === 0 ? [] : [`## Votes\n\n${lines.join("\n")}`];
}

function ending(state: RunState, events: readonly RunEvent[]): readonly string[] {
  const { ended } = state;
  if (ended === undefined) return [`The run has not ended: ${counted(events.length, "event")} so far.`];
  const result = ended.answer === null ? [] : [section("Result", ended.answer)];
  return [...result, `## How it ended\n\n${[...outcomeText(ended), ...speedsText(state)].join("\n")}`];
}
