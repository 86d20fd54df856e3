import { currentAnswers, equalAnswer, nextLabel } from "../../answers.ts";
import { exhausted } from "../../bounds.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { Reply } from "../../facts/outcome.ts";
import { estimatedTokens } from "../../prompts/estimated-tokens.ts";
import type { AgentState, RunState } from "../../state.ts";
import { endWith } from "./ending.ts";
import { mayTryAgain, refuse } from "./refuse.ts";
import { fitsContext, prepareCall } from "./request-call.ts";
import { besideTools, useTools } from "./use-tools.ts";

const ONLY_THOUGHT = "it only thought and wrote no answer: more tokens (max_tokens, context_length) may help, or its thinking turned off";

type Request = FactOf<"call-requested">;

/** Reads a reply that is to be plain text: a draft, an improvement, a presentation. */
export function readText(state: RunState, agent: AgentState, request: Request, reply: Reply): readonly Fact[] {
  const called = useTools(state, agent, request, reply);
  if (called !== undefined) return called;
  const first = firstPart(state, request);
  const whole = (first + reply.text).trim();
  const mayTry = mayTryAgain(state, request);
  if (whole === "" && !mayTry) return saidNothing(state, request, reply);
  if (whole === "" || (reply.toolCalls.length > 0 && first === "" && mayTry)) return refuseEmpty(state, request, reply);
  return complete(state, agent, request, { text: whole, isContinued: first !== "", reply });
}

function complete(
  state: RunState,
  agent: AgentState,
  request: Request,
  { text: whole, isContinued, reply }: { readonly text: string; readonly isContinued: boolean; readonly reply: Reply },
): readonly Fact[] {
  const next = reply.finish === "length" && !isContinued ? continuation(state, agent, request) : [];
  if (next.length > 0) return next;
  const truncated = reply.finish === "length" || reply.finish === "cut" || reply.text.trim() === "";
  const text = { text: whole, truncated, tokens: measured(request, whole, reply) };
  if (request.purpose === "presentation") return endWith(state, { outcome: "consensus", ...text, presenter: agent.agent.id });
  return stand(state, request, text);
}

/** Whose last try is empty may have written its answer beside calls of tools. */
function saidNothing(state: RunState, request: Request, reply: Reply): readonly Fact[] {
  const answer = standBesideTools(state, request);
  return answer.length > 0 ? answer : refuseEmpty(state, request, reply);
}

function refuseEmpty(state: RunState, request: Request, reply: Reply): readonly Fact[] {
  if (reply.toolCalls.length > 0) return refuse(state, request, "unknown-tool");
  return refuse(state, request, "empty-answer", reply.reasoning === undefined ? undefined : ONLY_THOUGHT);
}

/** An answer of which only the first part came, because its continuation gave nothing, is an answer all the same. */
export function standAsCutOff(state: RunState, request: Request): readonly Fact[] {
  return standTruncated(state, request, firstPart(state, request).trim());
}

/** What was written beside calls of tools is the answer of an agent that can say no more; who only improves has a better one. */
export function standBesideTools(state: RunState, request: Request): readonly Fact[] {
  return request.purpose === "draft" ? standTruncated(state, request, besideTools(state, request)) : [];
}

/** The same of an agent that is broken off: with tools open, or in the call after them. */
export function standBrokenOff(state: RunState, { task }: AgentState): readonly Fact[] {
  const call = task?.purpose === "draft" ? state.calls.get(task.callId) : undefined;
  if (call === undefined) return [];
  const { purpose, callId } = call.request;
  return standTruncated(state, call.request, besideTools(state, { purpose, continues: callId, because: "tools" }));
}

/** A run that ends before anybody has answered ends with what somebody wrote beside calls of tools. */
export function standAtTheEnd(state: RunState): readonly Fact[] {
  if (state.answers.length > 0) return [];
  return state.agents.map((agent) => standBrokenOff(state, agent)).find((facts) => facts.length > 0) ?? [];
}

function standTruncated(state: RunState, request: Request, text: string): readonly Fact[] {
  if (text === "" || request.purpose === "presentation") return [];
  return stand(state, request, { text, truncated: true, tokens: estimatedTokens(text) });
}

/** What the agent had written when it was cut off, if this call continues it. */
function firstPart(state: RunState, request: Request): string {
  const before = request.because === "length" && request.continues !== undefined ? state.calls.get(request.continues)?.outcome : undefined;
  return before?.type === "replied" ? before.text : "";
}

/** Another call for the rest of a text; none where nothing may be asked any more, or where what was written fills the context. */
function continuation(state: RunState, agent: AgentState, request: Request): readonly Fact[] {
  if (exhausted(state) !== undefined) return [];
  const { purpose, attempt, snapshot, callId } = request;
  const next = prepareCall(state, agent, { purpose, attempt, snapshot, continues: callId, because: "length" });
  return fitsContext(state, agent, next) ? [next] : [];
}

/** What the text costs a reader: as reported where the engine counted this very text, else estimated. */
function measured(request: Request, text: string, reply: Reply): number {
  const { usage } = reply;
  if (usage.estimated || request.because === "length" || reply.finish === "cut") return estimatedTokens(text);
  if (usage.reasoningTokens === undefined && reply.reasoning !== undefined) return estimatedTokens(text);
  return Math.max(1, usage.outputTokens - (usage.reasoningTokens ?? 0));
}

function stand(state: RunState, request: Request, written: Written): readonly Fact[] {
  return request.purpose === "draft" ? draft(state, request, written) : improvement(state, request, written);
}

interface Written {
  readonly text: string;
  readonly truncated: boolean;
  readonly tokens: number;
}

function draft(state: RunState, { callId, agent }: Request, written: Written): readonly Fact[] {
  const equal = equalAnswer(state, written.text);
  if (equal !== undefined) return [{ type: "author-joined", callId, agent, label: equal.ref.label }];
  return [{ type: "answer-submitted", callId, label: nextLabel(state), version: 1, authors: [agent], origin: "draft", ...written }];
}

/** Who writes again what stands already has voted for it. An improved answer keeps its label unless it was shared with others. */
function improvement(state: RunState, { callId, agent, snapshot }: Request, written: Written): readonly Fact[] {
  const equal = equalAnswer(state, written.text);
  if (equal !== undefined) return [{ type: "vote-cast", callId, agent, choice: equal.ref, snapshot, reason: "" }];
  const own = currentAnswers(state).find(({ authors }) => authors.length === 1 && authors[0] === agent);
  const place = own === undefined ? { label: nextLabel(state), version: 1 } : { label: own.ref.label, version: own.ref.version + 1 };
  return [{ type: "answer-submitted", callId, ...place, authors: [agent], origin: "improvement", ...written }];
}
