import { contextOf } from "../bounds.ts";
import { ratioOf } from "../counting.ts";
import type { FactOf } from "../facts.ts";
import type { ToolOutcome } from "../facts/effects.ts";
import type { Reply, ToolCall } from "../facts/outcome.ts";
import type { Message } from "../messages.ts";
import type { AgentState, RunState, ToolUse } from "../state.ts";
import { callsLeft, roundsBefore, usesOf } from "../tool-rounds.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import { harmless } from "./fence.ts";
import { promptTokens } from "./prompt-tokens.ts";
import { type PromptName, say } from "./texts.ts";

type Request = FactOf<"call-requested">;

/** All results for one answer take so many tokens at most, and this part of a context. */
const LARGEST_RESULTS_TOKENS = 16_384;
const PART_OF_CONTEXT = 1 / 3;
/** Every result may say at least so much. */
const FEWEST_RESULT_TOKENS = 64;

/** What the definitions of the tools that a call offers take, estimated. */
export function definitionTokens(state: RunState, { agent: id, tools = [] }: Request): number {
  if (tools.length === 0) return 0;
  const known = state.agents.find(({ agent }) => agent.id === id)?.agent.tools ?? [];
  return known.reduce((total, { name, tokens }) => total + (tools.includes(name) ? tokens : 0), 0);
}

/** What each of `count` results may take, in estimated tokens: half of what earlier ones for the same answer have left, shared. */
export function roomForResults(state: RunState, agent: AgentState, request: Request, count: number): number {
  const context = (contextOf(state, agent) ?? Infinity) / ratioOf(state.counting[agent.agent.model]);
  const taken = resultsBefore(state, request).reduce((total, use) => total + resultTokens(use), 0);
  const left = Math.min(LARGEST_RESULTS_TOKENS, context * PART_OF_CONTEXT) - taken;
  return Math.max(FEWEST_RESULT_TOKENS, Math.floor(left / 2 / count));
}

/** The most that each result may take so that all together take `excess` estimated tokens less; undefined where that cannot be. */
export function shorterResults(state: RunState, request: Request, excess: number): number | undefined {
  const sizes = resultsBefore(state, request)
    .map((use) => Math.min(resultTokens(use), request.leftOut?.resultTokens ?? Infinity))
    .sort((one, other) => one - other);
  let left = sizes.reduce((total, size) => total + size, 0) - Math.ceil(excess);
  for (const [index, size] of sizes.entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return undefined;
}

function resultsBefore(state: RunState, request: Request): readonly ToolUse[] {
  return roundsBefore(state, request).flatMap((round) => usesOf(state, round.request.callId));
}

const measured = new WeakMap<ToolUse, number>();

function resultTokens(use: ToolUse): number {
  const { outcome } = use;
  if (outcome?.type !== "result" && outcome?.type !== "failed") return 0;
  const tokens = measured.get(use) ?? estimatedTokens(outcome.text);
  measured.set(use, tokens);
  return tokens;
}

/** Each round of a long conversation is shown again with every later one: what it says is made and measured once. */
const rounds = new WeakMap<Reply, Map<string, readonly Message[]>>();
const roundTokens = new WeakMap<readonly Message[], number>();

/** What a round of tools takes in a prompt, estimated. */
export function toolTokens(messages: readonly Message[]): number {
  const tokens = roundTokens.get(messages) ?? promptTokens(messages);
  roundTokens.set(messages, tokens);
  return tokens;
}

export function toolMessages(state: RunState, request: Request, before: Request, reply: Reply): readonly Message[] {
  const known = rounds.get(reply) ?? new Map<string, readonly Message[]>();
  rounds.set(reply, known);
  const key = `${request.leftOut?.resultTokens ?? "all"} ${request.tools === undefined}`;
  const messages = known.get(key) ?? makeRound(state, request, before, reply);
  if (usesOf(state, before.callId).every(({ outcome }) => outcome !== undefined)) known.set(key, messages);
  return messages;
}

/** The reply as it was, and a result for every call in it: providers refuse a conversation in which one is missing. */
function makeRound(state: RunState, request: Request, before: Request, reply: Reply): readonly Message[] {
  const words = (name: PromptName, values?: Record<string, string>): string => say(state.started.settings.prompts, name, values);
  const uses = new Map(usesOf(state, before.callId).map((use) => [use.request.toolCallId, use]));
  const left = callsLeft(state, before);
  const results = reply.toolCalls.map((call, index) => {
    const use = uses.get(call.id);
    const text = use === undefined ? notMade(call, before, index < left, words) : resultText(use, request.leftOut?.resultTokens, words);
    const isEnd = index === reply.toolCalls.length - 1 && request.tools === undefined;
    return { id: call.id, name: call.name, text: isEnd ? `${text}\n\n${words("noMoreTools")}` : text };
  });
  return [
    { role: "assistant", text: harmless(reply.text), toolCalls: reply.toolCalls },
    { role: "tool", results },
  ];
}

type Words = (name: PromptName, values?: Record<string, string>) => string;

function notMade({ name }: ToolCall, { tools = [] }: Request, isWithinBound: boolean, words: Words): string {
  if (!tools.includes(name)) return words("noSuchTool", { tools: tools.join(", ") });
  return words(isWithinBound ? "repeatedCall" : "tooManyCalls");
}

function resultText(use: ToolUse, most: number | undefined, words: Words): string {
  const { outcome } = use;
  if (outcome === undefined || outcome.type === "cancelled" || outcome.type === "interrupted") return words("interruptedTool");
  const text = shortened(harmless(outcome.text), resultTokens(use), most, words);
  if (outcome.type === "failed") return words("failedTool", { why: text });
  return withCut(text.trim() === "" ? words("emptyResult") : text, outcome, words);
}

function shortened(text: string, tokens: number, most: number | undefined, words: Words): string {
  if (most === undefined || tokens <= most) return text;
  return `${text.slice(0, Math.floor((text.length * most) / tokens)).toWellFormed()}\n${words("shortened")}`;
}

function withCut(text: string, { cut }: Extract<ToolOutcome, { type: "result" }>, words: Words): string {
  return cut === undefined ? text : `${text}\n${words("cutResult", { count: String(cut) })}`;
}
