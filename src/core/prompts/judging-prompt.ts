import { answerOf, currentAnswers } from "../answers.ts";
import type { FactOf } from "../facts.ts";
import type { AnswerRef, LeftOut } from "../facts/effects.ts";
import type { Turn } from "../facts/settings.ts";
import { IMPROVE } from "../ballots/read-ballot.ts";
import type { Message } from "../messages.ts";
import type { Answer, RunState } from "../state.ts";
import { alternate } from "./alternate.ts";
import { answersInPrompt } from "./answers-in-prompt.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import { harmless, withoutControlTokens } from "./fence.ts";
import { type Measured, promptTokens } from "./prompt-tokens.ts";
import { type PromptName, say } from "./texts.ts";

type Request = FactOf<"call-requested">;

/** The choices of a ballot in the order shown: labels as the answers came in, `improve` last. */
export function ballotChoices(state: RunState, { snapshot, mayImprove }: Pick<Request, "snapshot" | "mayImprove">): readonly string[] {
  const shown = new Set(snapshot.map(({ label }) => label));
  const labels = currentAnswers(state).flatMap(({ ref }) => (shown.has(ref.label) ? [ref.label] : []));
  return mayImprove === true ? [...labels, IMPROVE] : labels;
}

/**
 * A prompt over answers. Everything up to the last answer is byte for byte the same for every reader, so that engines which cache
 * prefixes read it once; what is one agent's own comes last.
 */
export function judgingMessages(state: RunState, request: Request): Measured {
  const { system, before, head, tokens } = sharedHead(state, request);
  const tail = ownTail(state, request);
  return { messages: [system, ...before, { role: "user", text: head + tail }], tokens: tokens + estimatedTokens(tail) };
}

interface SharedHead {
  readonly system: Message;
  readonly before: readonly Message[];
  readonly head: string;
  /** Of all of it, estimated. */
  readonly tokens: number;
}

/** One text for all readers of a snapshot, kept while the answers stand: a hundred readers must not cost a hundred copies. */
const heads = new WeakMap<readonly Answer[], Map<string, SharedHead>>();

function sharedHead(state: RunState, { snapshot, leftOut }: Request): SharedHead {
  const known = heads.get(state.answers) ?? new Map<string, SharedHead>();
  heads.set(state.answers, known);
  const refs = snapshot.map(({ label, version }) => `${label}.${version}`).join(" ");
  const key = `${refs} without ${leftOut?.messages ?? 0} messages, in ${leftOut?.answerTokens ?? "any"} tokens`;
  const head = known.get(key) ?? makeHead(state, snapshot, leftOut);
  known.set(key, head);
  return head;
}

function makeHead(state: RunState, snapshot: readonly AnswerRef[], leftOut: LeftOut | undefined): SharedHead {
  const { question, settings } = state.started;
  const words = (name: PromptName): string => say(settings.prompts, name);
  const turns = alternate([...historyTurns(state, leftOut), { role: "user", text: "" }], words("earlier"));
  const last = turns.at(-1);
  const unanswered = last?.role === "user" ? last.text : "";
  const system: Message = { role: "system", text: words("judgeSystem") };
  const before = turns.slice(0, -1);
  const answers = answersInPrompt(state, snapshot, leftOut?.answerTokens);
  const head = `${unanswered}<question>\n${question}\n</question>\n\n${words("answers")}\n\n${answers}\n\n`;
  return { system, before, head, tokens: promptTokens([system, ...before, { role: "user", text: head }]) };
}

/**
 * The conversation before the question, as it was shown; only what could break a chat template is taken out of replies, and in place of
 * messages that are left out stands a note.
 */
export function historyTurns({ started: { history, settings } }: RunState, leftOut: LeftOut | undefined): readonly Turn[] {
  const { messages: count = 0 } = leftOut ?? {};
  const shown = history.slice(count).map(({ role, text }) => ({ role, text: role === "assistant" ? withoutControlTokens(text) : text }));
  return count === 0 ? shown : [{ role: "user", text: say(settings.prompts, "leftOut", { count: String(count) }) }, ...shown];
}

function ownTail(state: RunState, request: Request): string {
  const { settings, date } = state.started;
  const words = (name: PromptName, values?: Record<string, string>): string => say(settings.prompts, name, values);
  const persona = state.agents.find(({ agent }) => agent.id === request.agent)?.agent.persona;
  const instruction = request.purpose === "presentation" ? presentation(state, words) : ballot(state, request, words);
  return [...(persona === undefined ? [] : [words("persona", { persona })]), words("date", { date }), ...instruction].join("\n");
}

type Words = (name: PromptName, values?: Record<string, string>) => string;

function ballot(state: RunState, request: Request, words: Words): readonly string[] {
  const own = currentAnswers(state).find(({ authors }) => authors.includes(request.agent));
  const shown = own !== undefined && request.snapshot.some(({ label }) => label === own.ref.label);
  const form = { schema: "ballotSchema", tool: "ballotTool", text: "ballotText" } as const;
  return [
    ...(shown ? [words("ownAnswer", { label: own.ref.label })] : []),
    words("ballot"),
    ...(request.mayImprove === true ? [words("ballotImprove")] : []),
    words(form[request.rung ?? "schema"], { choices: ballotChoices(state, request).join(", ") }),
  ];
}

function presentation(state: RunState, words: Words): readonly string[] {
  const [winner] = state.tally?.standings ?? [];
  if (state.tally === undefined || winner === undefined || answerOf(state, winner) === undefined) return [];
  const reasons = state.tally.ballots.flatMap(({ choice, reason }) =>
    reason === "" ? [] : [`- (for ${choice.label}) ${harmless(reason).replaceAll(/\s+/gu, " ")}`],
  );
  const task = state.started.settings.finalAnswer === "synthesize" ? "synthesize" : "present";
  return [...(reasons.length > 0 ? [words("reasons"), ...reasons] : []), words(task, { label: winner.label }) + questionAgain(state)];
}

/** Small models answer what they read last. A long question is not worth reading twice. */
export function questionAgain({ started: { question } }: RunState): string {
  return question.length <= LONGEST_REPEATED_QUESTION ? `\n\n${question}` : "";
}

/** In characters. */
const LONGEST_REPEATED_QUESTION = 600;
