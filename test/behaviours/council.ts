import type { FactOf, RunEvent } from "../../src/core/facts.ts";
import type { Behaviour, SimulatedCall } from "../../src/testing/simulate-run.ts";

/** A ballot for the answer whose text contains `wanted`, whatever its label; `improve` for that word. */
export function ballotFor(wanted: string, reason = "it is right"): (call: SimulatedCall) => { readonly text: string } {
  return ({ state }) => {
    const label = state.answers.findLast(({ text }) => text.includes(wanted))?.ref.label ?? wanted;
    return { text: JSON.stringify({ reason, choice: label }) };
  };
}

export function voteFor(wanted: string, reason?: string): (call: SimulatedCall) => string {
  const ballot = ballotFor(wanted, reason);
  return (call) => ballot(call).text;
}

type Play = Behaviour | ((call: SimulatedCall) => Behaviour);

/** What each agent does, by agent and purpose; a list is played in order, its last entry for ever. */
export type Script = Readonly<Record<string, Partial<Record<FactOf<"call-requested">["purpose"], Play | readonly Play[]>>>>;

/**
 * Plays a script; what it does not name answers with its own name, votes for `one` and presents.
 * @param past a log in which some of it was played already
 */
export function perform(script: Script, past: readonly RunEvent[] = []): (call: SimulatedCall) => Behaviour {
  const settled = new Set(ofType(past, "call-settled").map(({ callId }) => callId));
  const counts = new Map<string, number>();
  for (const { agent, purpose, callId } of ofType(past, "call-requested")) {
    if (settled.has(callId)) counts.set(`${agent} ${purpose}`, (counts.get(`${agent} ${purpose}`) ?? 0) + 1);
  }
  return (call) => {
    const { agent, purpose } = call.request;
    const played = counts.get(`${agent} ${purpose}`) ?? 0;
    counts.set(`${agent} ${purpose}`, played + 1);
    const wanted = script[agent]?.[purpose] ?? defaults(agent)[purpose];
    const plays: readonly Play[] = Array.isArray(wanted) ? (wanted as readonly Play[]) : [wanted as Play];
    const play = plays[Math.min(played, plays.length - 1)] as Play;
    return typeof play === "function" ? play(call) : play;
  };
}

function defaults(agent: string): Record<FactOf<"call-requested">["purpose"], Play> {
  return {
    draft: `The answer of ${agent}.`,
    ballot: voteFor("answer of one"),
    improvement: `The better answer of ${agent}.`,
    presentation: `The final words of ${agent}.`,
  };
}

export function ofType<Type extends RunEvent["type"]>(
  events: readonly RunEvent[],
  type: Type,
): readonly Extract<RunEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
}

/** `draft one, draft two, ballot one, …` */
export function asked(calls: readonly SimulatedCall[]): readonly string[] {
  return calls.map(({ request }) => `${request.purpose} ${request.agent}`);
}
