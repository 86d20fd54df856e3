import { answerOf, currentAnswers } from "../answers.ts";
import type { FactOf } from "../facts.ts";
import type { LeftOut } from "../facts/effects.ts";
import type { Agent, Turn } from "../facts/settings.ts";
import { IMPROVE } from "../ballots/read-ballot.ts";
import type { Message } from "../messages.ts";
import type { Answer, RunState } from "../state.ts";
import { alternate } from "./alternate.ts";
import { attached } from "./attachments-in-prompt.ts";
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
  const { system, before, last, tokens } = sharedHead(state, request);
  const tail = ownTail(state, request);
  return {
    messages: [system, ...before, { ...last, text: last.text + tail, headLength: last.text.length }],
    tokens: tokens + estimatedTokens(tail),
  };
}

interface SharedHead {
  readonly system: Message;
  readonly before: readonly Message[];
  /** The message that each reader's own instruction ends. */
  readonly last: Extract<Message, { role: "user" }>;
  /** Of all of it, estimated. */
  readonly tokens: number;
}

/** What readers are shown, all alike but for files that not every model can take. */
type Shown = Pick<Request, "snapshot" | "leftOut">;

/** One text for all readers of a snapshot, kept while the answers stand: a hundred readers must not cost a hundred copies. */
const heads = new WeakMap<readonly Answer[], Map<string, SharedHead>>();

function sharedHead(state: RunState, { agent: id, snapshot, leftOut }: Request): SharedHead {
  const agent = seatOf(state, id);
  const known = heads.get(state.answers) ?? new Map<string, SharedHead>();
  heads.set(state.answers, known);
  const refs = snapshot.map(({ label, version }) => `${label}.${version}`).join(" ");
  const key = `${refs} without ${leftOut?.messages ?? 0} messages, in ${leftOut?.answerTokens ?? "any"} tokens ${JSON.stringify(agent?.accepts)}`;
  const head = known.get(key) ?? makeHead(state, { snapshot, leftOut }, agent);
  known.set(key, head);
  return head;
}

function makeHead(state: RunState, { snapshot, leftOut }: Shown, agent: Agent | undefined): SharedHead {
  const { question, attachments = [], settings } = state.started;
  const words = (name: PromptName): string => say(settings.prompts, name);
  const files = attached({ text: "", attachments }, agent, settings.prompts);
  const turns = alternate([...historyTurns(state, leftOut, agent), { role: "user", ...files }], words("earlier"));
  const last = turns.at(-1);
  const { text: unanswered, ...taken } = last?.role === "user" ? last : { text: "", role: "user" as const };
  const system: Message = { role: "system", text: words("judgeSystem") };
  const before = turns.slice(0, -1);
  const answers = answersInPrompt(state, snapshot, leftOut?.answerTokens);
  const head = `${unanswered}<question>\n${question}\n</question>\n\n${words("answers")}\n\n${answers}\n\n`;
  return { system, before, last: { ...taken, text: head }, tokens: promptTokens([system, ...before, { ...taken, text: head }]) };
}

/**
 * The conversation before the question, as it was shown; only what could break a chat template is taken out of replies, and in place of
 * messages that are left out stands a note.
 */
export function historyTurns(
  { started: { history, settings } }: RunState,
  leftOut: LeftOut | undefined,
  agent: Agent | undefined,
): readonly Turn[] {
  const { messages: count = 0 } = leftOut ?? {};
  const shown = history
    .slice(count)
    .map(({ role, text, attachments = [] }): Turn =>
      role === "assistant"
        ? { role, text: withoutControlTokens(text) }
        : { role, ...attached({ text, attachments }, agent, settings.prompts) },
    );
  return count === 0 ? shown : [{ role: "user", text: say(settings.prompts, "leftOut", { count: String(count) }) }, ...shown];
}

export function seatOf({ agents }: RunState, id: string): Agent | undefined {
  return agents.find(({ agent }) => agent.id === id)?.agent;
}

function ownTail(state: RunState, request: Request): string {
  const { settings, date } = state.started;
  const words = (name: PromptName, values?: Record<string, string>): string => say(settings.prompts, name, values);
  const persona = seatOf(state, request.agent)?.persona;
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
