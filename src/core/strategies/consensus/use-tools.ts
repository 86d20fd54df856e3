import { exhausted } from "../../bounds.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { Reply } from "../../facts/outcome.ts";
import { roomForResults } from "../../prompts/tool-results.ts";
import type { AgentState, RunState } from "../../state.ts";
import { callsLeft, essenceOfCall, roundsBefore, usesOf } from "../../tool-rounds.ts";
import { requestCall } from "./request-call.ts";

type Request = FactOf<"call-requested">;

/** The same call with the same input is carried out so often for one answer: small models make it for ever. */
const MOST_REPETITIONS = 2;

/** What follows from a reply that calls tools of ours; undefined where it calls none that was offered. */
export function useTools(state: RunState, agent: AgentState, request: Request, reply: Reply): readonly Fact[] | undefined {
  const { tools = [], callId } = request;
  if (!reply.toolCalls.some(({ name }) => tools.includes(name))) return undefined;
  if (exhausted(state) !== undefined) return [];
  const calls = toCarryOut(state, request, reply);
  if (calls.length === 0) return [continuing(state, agent, request)];
  const maxTokens = roomForResults(state, agent, request, calls.length);
  return calls.map(({ id, name, input }, index) => ({
    type: "tool-requested",
    toolId: `${callId}/${index + 1}`,
    callId,
    agent: agent.agent.id,
    toolCallId: id,
    name,
    input,
    maxTokens,
  }));
}

/** Those calls of a reply that are offered, not made too often and within the bound. The others are answered in the prompt. */
function toCarryOut(state: RunState, request: Request, { toolCalls }: Reply): Reply["toolCalls"] {
  const made = new Map<string, number>();
  for (const { reply } of roundsBefore(state, request)) for (const call of reply.toolCalls) count(made, essenceOfCall(call));
  return toolCalls
    .slice(0, callsLeft(state, request))
    .filter((call) => request.tools?.includes(call.name) === true && count(made, essenceOfCall(call)) <= MOST_REPETITIONS);
}

function count(made: Map<string, number>, essence: string): number {
  const times = (made.get(essence) ?? 0) + 1;
  made.set(essence, times);
  return times;
}

/** Once all tools that a reply called have settled, the agent goes on with what came of them. */
export function goOnWithResults(state: RunState, agent: AgentState, request: Request): readonly Fact[] {
  const isOpen = usesOf(state, request.callId).some(({ outcome }) => outcome === undefined);
  return isOpen ? [] : [continuing(state, agent, request)];
}

function continuing(state: RunState, agent: AgentState, { purpose, snapshot, callId }: Request): Fact {
  return requestCall(state, agent, { purpose, attempt: 1, snapshot, continues: callId, because: "tools" });
}

/** The last that an agent wrote beside calls of tools: its answer, where nothing came after them. */
export function besideTools(state: RunState, before: Parameters<typeof roundsBefore>[1]): string {
  const texts = roundsBefore(state, before).map(({ reply }) => reply.text.trim());
  return texts.findLast((text) => text !== "") ?? "";
}
