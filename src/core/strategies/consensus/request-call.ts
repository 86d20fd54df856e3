import { calibrated, contextOf, FEWEST_TOKENS, tokenLimits } from "../../bounds.ts";
import { currentAnswers, sameRef } from "../../answers.ts";
import { ratioOf } from "../../counting.ts";
import type { FactOf } from "../../facts.ts";
import type { AnswerRef, LeftOut } from "../../facts/effects.ts";
import type { Rung } from "../../facts/settings.ts";
import { measuredMessages } from "../../prompts/conversation.ts";
import { ESTIMATE_MARGIN, leaveOut, leaveOutMore } from "../../prompts/leave-out.ts";
import { shorterResults } from "../../prompts/tool-results.ts";
import type { AgentState, RunState } from "../../state.ts";
import { offeredTools } from "./offer-tools.ts";

type Request = FactOf<"call-requested">;
type Ask = Pick<Request, "purpose" | "attempt" | "snapshot" | "continues" | "because" | "mayImprove" | "rung">;

/** A request with its own id and limits, or, where its prompt cannot fit the agent's context, the end of the agent's part. */
export function requestCall(state: RunState, agent: AgentState, ask: Ask): Request | FactOf<"agent-out"> {
  const request = prepareCall(state, agent, ask);
  return fitsContext(state, agent, request) ? request : tooLong(state, agent, request);
}

/**
 * A request whose prompt leaves out as little as it can. An agent has one call open at most, so its count makes the id unique.
 * @param afresh what calls before this one left out does not count any more
 */
export function prepareCall(state: RunState, agent: AgentState, ask: Ask, afresh = false): Request {
  const before = afresh ? undefined : sharedWith(state, ask);
  const leftOut = before === undefined ? leaveOut(state, agent, ask.snapshot) : before.leftOut;
  const tools = offeredTools(state, agent, ask);
  const request = measured(state, withLeftOut({ ...unlimited(agent, ask), ...(tools.length === 0 ? {} : { tools }) }, leftOut));
  const fitting = tightened(state, agent, request);
  const read = Math.ceil(calibrated(state, agent, fitting.promptTokens) * ESTIMATE_MARGIN);
  return { ...fitting, ...tokenLimits(state, agent, ask.purpose === "ballot" ? "ballot" : "answer", read) };
}

type MeasuredRequest = Request & { readonly promptTokens: number };

function unlimited(agent: AgentState, ask: Ask): Request {
  const callId = `${agent.agent.id}#${agent.callsMade + 1}`;
  return { type: "call-requested", callId, agent: agent.agent.id, ...ask, maxOutputTokens: 1, maxTextTokens: 1 };
}

function withLeftOut(request: Request, leftOut: LeftOut | undefined): Request {
  return { ...request, ...(leftOut === undefined ? {} : { leftOut }) };
}

function measured(state: RunState, request: Request): MeasuredRequest {
  return { ...request, promptTokens: measuredMessages(state, request).tokens };
}

/** What one agent's own persona and conversation add may need more room than all readers have left. */
function tightened(state: RunState, agent: AgentState, request: MeasuredRequest): MeasuredRequest {
  const room = ((contextOf(state, agent) ?? Infinity) - FEWEST_TOKENS) / (ratioOf(state.counting[agent.agent.model]) * ESTIMATE_MARGIN);
  const excess = request.promptTokens - room;
  if (excess <= 0) return request;
  const tighter = measured(state, withLeftOut(request, leaveOutMore(state, request, excess)));
  const tightest = tighter.promptTokens < request.promptTokens ? tighter : request;
  return tightest.promptTokens <= room ? tightest : withShorterResults(state, tightest, tightest.promptTokens - room);
}

/** Results of tools are shortened last: they are what the agent asked for. */
function withShorterResults(state: RunState, request: MeasuredRequest, excess: number): MeasuredRequest {
  const resultTokens = shorterResults(state, request, excess);
  if (resultTokens === undefined) return request;
  return measured(state, withLeftOut(request, { messages: 0, ...request.leftOut, resultTokens }));
}

/** The call that this one goes on from, or that read the same answers before: what both have in common stays the same to the byte. */
function sharedWith(state: RunState, { continues, snapshot }: Ask): Request | undefined {
  if (continues !== undefined) return state.calls.get(continues)?.request;
  if (snapshot.length === 0) return undefined;
  const isSame = ({ request }: { readonly request: Request }): boolean =>
    request.continues === undefined &&
    request.snapshot.length === snapshot.length &&
    request.snapshot.every((ref, index) => sameRef(ref, snapshot[index] ?? ref));
  return [...state.calls.values()].findLast(isSame)?.request;
}

/** By what is known of how the model counts, without margin: what may just fit is tried. */
export function fitsContext(state: RunState, agent: AgentState, { promptTokens = 0 }: Request): boolean {
  return calibrated(state, agent, promptTokens) < (contextOf(state, agent) ?? Infinity);
}

function tooLong(state: RunState, agent: AgentState, { purpose, promptTokens = 0 }: Request): FactOf<"agent-out"> {
  const [needed, context] = [calibrated(state, agent, promptTokens), contextOf(state, agent) ?? 0];
  const what = purpose === "draft" ? "the question alone takes" : "what it has to read takes, with everything left out that can be,";
  const why = `${what} about ${inTokens(needed)}, and its context holds ${inTokens(context)}: ${REMEDY}`;
  const overflow = { promptTokens: needed, contextTokens: context };
  return { type: "agent-out", agent: agent.agent.id, why, failure: { kind: "context-overflow", message: why, retryable: false, overflow } };
}

/** What a person can do about a context that is too small. */
export const REMEDY = "give it a longer one (context_length in a config, the context setting of its engine) or ask for less at once";

/** `4,096 tokens` */
export function inTokens(tokens: number): string {
  return `${String(Math.round(tokens)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",")} tokens`;
}

/** What is asked, without what is one call's own. */
export function askOf({ purpose, snapshot, continues, because, mayImprove, rung }: Request, attempt: number): Ask {
  return {
    purpose,
    attempt,
    snapshot,
    ...(continues === undefined ? {} : { continues }),
    ...(because === undefined ? {} : { because }),
    ...(mayImprove === undefined ? {} : { mayImprove }),
    ...(rung === undefined ? {} : { rung }),
  };
}

export function currentSnapshot(state: RunState): readonly AnswerRef[] {
  return currentAnswers(state).map(({ ref }) => ref);
}

/** The rung this agent's next ballot stands on: the best its model has not fallen from in this run. */
export function rungFor(state: RunState, { agent }: AgentState): Rung {
  const fallenTo = state.rungs[agent.model];
  return fallenTo !== undefined && agent.rungs.includes(fallenTo) ? fallenTo : (agent.rungs[0] ?? "text");
}

export function nextRung({ agent }: AgentState, rung: Rung | undefined): Rung | undefined {
  return rung === undefined ? undefined : agent.rungs[agent.rungs.indexOf(rung) + 1];
}
