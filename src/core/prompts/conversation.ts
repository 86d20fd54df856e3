import { calibrated, tokensLeft } from "../bounds.ts";
import { IMPROVE } from "../ballots/read-ballot.ts";
import type { FactOf } from "../facts.ts";
import type { Reply } from "../facts/outcome.ts";
import type { Message, Prompt } from "../messages.ts";
import type { Call, RunState } from "../state.ts";
import { attached, attachmentTokens } from "./attachments-in-prompt.ts";
import { alternate } from "./alternate.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import { conversationOf } from "./leave-out.ts";
import { ballotChoices, historyTurns, judgingMessages, questionAgain, seatOf } from "./judging-prompt.ts";
import { type Measured, promptTokens } from "./prompt-tokens.ts";
import { type PromptName, say } from "./texts.ts";
import { definitionTokens, toolMessages, toolTokens } from "./tool-results.ts";

type Request = FactOf<"call-requested">;

/** Of a reply that could not be used only this many characters are shown to its author again. */
const LONGEST_REFUSED_REPLY = 600;

/** All that the model is given for a call: a pure function of the state, so that it need not be stored and is the same after a resume. */
export function promptOf(state: RunState, request: Request): Prompt {
  const { maxOutputTokens, maxTextTokens, purpose, rung } = request;
  const { messages, tokens } = measuredMessages(state, request);
  const seat = state.agents.find(({ agent }) => agent.id === request.agent);
  return {
    messages,
    maxOutputTokens,
    maxTextTokens,
    promptTokens: seat === undefined ? tokens : calibrated(state, seat, tokens),
    ...(seat?.agent.works === true ? { tokensLeft: tokensLeft(state) } : {}),
    ...(request.tools === undefined ? {} : { tools: request.tools }),
    ...(purpose === "presentation" ? { presents: true } : {}),
    ...(purpose === "ballot" ? { ballot: { rung: rung ?? "schema", choices: ballotChoices(state, request) } } : {}),
  };
}

/** The messages of a call with our estimate of them and of the tools it offers, before what a model has shown of how it counts. */
export function measuredMessages(state: RunState, request: Request): Measured {
  const { messages, tokens } = conversation(state, request);
  return { messages, tokens: tokens + definitionTokens(state, request) };
}

function conversation(state: RunState, request: Request): Measured {
  const before = request.continues === undefined ? undefined : state.calls.get(request.continues);
  if (before === undefined) return request.purpose === "draft" ? draft(state, request) : judgingMessages(state, request);
  const { leftOut: _, ...asked } = before.request;
  const so = conversation(state, {
    ...asked,
    ...(asked.rung === undefined ? {} : { rung: request.rung ?? asked.rung }),
    ...(request.leftOut === undefined ? {} : { leftOut: request.leftOut }),
  });
  if (before.outcome?.type !== "replied") return so;
  const more = goOn(state, request, before, before.outcome);
  const tokens = request.because === "tools" ? toolTokens(more) : promptTokens(more);
  return { messages: [...so.messages, ...more], tokens: so.tokens + tokens };
}

function draft(state: RunState, request: Request): Measured {
  const { question, attachments = [], date, settings } = state.started;
  const agent = seatOf(state, request.agent);
  const words = (name: PromptName, values?: Record<string, string>): string => say(settings.prompts, name, values);
  const system: Message = { role: "system", text: `${agent?.persona ?? words("draftSystem")}\n\n${words("date", { date })}` };
  const asked = attached({ text: question, attachments }, agent, settings.prompts);
  const turns = alternate([...historyTurns(state, request.leftOut, agent), { role: "user", ...asked }], words("earlier"));
  const shared = conversationOf(state);
  const frames = promptTokens([system, ...turns.map(({ role }): Message => ({ role: role === "user" ? "user" : "assistant", text: "" }))]);
  const note = request.leftOut === undefined ? 0 : estimatedTokens(words("leftOut"));
  return {
    messages: [system, ...turns],
    tokens: frames + note + shared.question + attachmentTokens(attachments, agent) + (shared.from[request.leftOut?.messages ?? 0] ?? 0),
  };
}

/** What the agent said and what we say to it. */
function goOn(state: RunState, request: Request, before: Call, reply: Reply): readonly Message[] {
  const words = (name: PromptName, values?: Record<string, string>): string => say(state.started.settings.prompts, name, values);
  const said = (text: string): Message => ({ role: "assistant", text: text.trim() === "" ? words("noReply") : text });
  switch (request.because) {
    case "length":
      return [said(reply.text), { role: "user", text: words("continue") }];
    case "tools":
      return toolMessages(state, request, before.request, reply);
    case "improve":
      return [said(chosenToImprove(reply)), { role: "user", text: words("improve") + questionAgain(state) }];
    case "correction":
    case undefined:
      return correction(reply, refusal(state, before, words), said);
  }
}

/** A ballot's reply as plain text, whatever it came as: the call that follows offers no tools. */
function chosenToImprove(reply: Reply): string {
  return reply.text.trim() === "" ? JSON.stringify({ choice: IMPROVE }) : reply.text;
}

function refusal(state: RunState, before: Call, words: (name: PromptName, values?: Record<string, string>) => string): string {
  const why = state.refusals.get(before.request.callId);
  const names = {
    "no-choice": "noChoice",
    "several-choices": "severalChoices",
    "unknown-label": "unknownLabel",
    "may-not-improve": "mayNotImprove",
    "empty-answer": "emptyAnswer",
    "unknown-tool": "unknownTool",
  } as const;
  return words(names[why ?? "no-choice"], { choices: ballotChoices(state, before.request).join(", ") });
}

/** Every tool call gets its result, or the provider would refuse the next request. */
function correction(reply: Reply, text: string, said: (text: string) => Message): readonly Message[] {
  const shown = reply.text.length > LONGEST_REFUSED_REPLY ? `${reply.text.slice(0, LONGEST_REFUSED_REPLY).toWellFormed()} …` : reply.text;
  if (reply.toolCalls.length === 0) return [said(shown), { role: "user", text }];
  return [
    { role: "assistant", text: shown, toolCalls: reply.toolCalls },
    { role: "tool", results: reply.toolCalls.map(({ id, name }) => ({ id, name, text })) },
  ];
}
