import type { FactOf } from "../core/facts.ts";
import type { Attachment } from "../core/facts/attachment.ts";
import type { Purpose } from "../core/facts/effects.ts";
import type { Outcome, Reply } from "../core/facts/outcome.ts";
import type { Message } from "../core/messages.ts";
import { promptOf } from "../core/prompts/conversation.ts";
import type { RunState } from "../core/state.ts";
import { listed } from "../core/listed.ts";
import { attachmentText } from "./attachment-text.ts";
import { type CallMeasures, measuresOf } from "./call-measures.ts";
import { counted, duration, percent, speed } from "./measures.ts";
import { clause, usageText } from "./outcome-text.ts";
import { excerpt, plainText } from "./plain-text.ts";
import type { TimelineLine, Verbosity } from "./timeline-line.ts";
import type { Progress } from "./progress.ts";

/** A shorter wait is none. */
const WORTH_TELLING_MS = 50;

type Request = FactOf<"call-requested">;

const nouns: Readonly<Record<Purpose, string>> = {
  draft: "a draft",
  ballot: "a ballot",
  improvement: "a better answer",
  presentation: "the final answer",
};

function rungOf({ rung }: Request): string {
  return rung === undefined ? "" : ` (${{ schema: "JSON schema", tool: "tool call", text: "labelled text" }[rung]})`;
}

/** That a call left the queue. */
export function beginning({ agent, purpose, snapshot, attempt, because: why }: Request): string {
  if (why === "length") return `${agent} goes on writing`;
  if (why === "tools") return `${agent} goes on with what its tools gave`;
  const again = attempt > 1 ? ` again (attempt ${attempt})` : "";
  switch (purpose) {
    case "draft":
      return `${agent} is drafting${again}`;
    case "ballot":
      return `${agent} is judging ${listed(snapshot.map(({ label }) => label))}${again}`;
    case "improvement":
      return `${agent} is improving${again}`;
    case "presentation":
      return `${agent} is wording the final answer${again}`;
  }
}

/** What was asked for, and at `debug` with which words. */
export function requestLines(request: Request, state: RunState, verbosity: Verbosity): readonly TimelineLine[] {
  const again = request.attempt > 1 ? `, attempt ${request.attempt}` : "";
  const asked: TimelineLine = { tone: "faint", text: `${request.callId} is asked for ${nouns[request.purpose]}${rungOf(request)}${again}` };
  return verbosity === "debug" ? [asked, ...promptLines(promptOf(state, request).messages)] : [asked];
}

/** How a call ended and what it took, and at `debug` what was said. */
export function settlementLines(
  { callId, outcome }: FactOf<"call-settled">,
  progress: Progress,
  verbosity: Verbosity,
): readonly TimelineLine[] {
  const taken = measures(callId, outcome, progress);
  if (outcome.type === "failed") return [{ tone: "warning", text: `${callId} failed: ${clause(outcome.failure.message)} (${taken})` }];
  const line: TimelineLine = { tone: "faint", text: `${callId} ${outcome.type === "replied" ? outcome.finish : outcome.type} (${taken})` };
  if (outcome.type !== "replied") return [line];
  return verbosity === "debug" ? [line, ...replyLines(outcome)] : [line, ...foundLines(outcome)];
}

/** What a provider's own tools did during a call, in one line each. */
export function activityLines(agent: string, { outcome }: FactOf<"call-settled">): readonly TimelineLine[] {
  if (outcome.type !== "replied") return [];
  const { activity = [], sources = [] } = outcome;
  const cited = sources.length === 0 ? [] : [`${agent} cites ${counted(sources.length, "source")}`];
  const did = activity.map(
    ({ tool, input, failed }) => `${agent} used ${plainText(tool)}: ${excerpt(wanted(input), 100)}${failed === true ? " (it failed)" : ""}`,
  );
  return [...did, ...cited].map((text) => ({ tone: "plain", text }));
}

/** The query or the code in the arguments of a tool, else all of them. */
function wanted(input: string): string {
  try {
    const given: unknown = JSON.parse(input);
    const texts = typeof given === "object" && given !== null ? Object.values(given).filter((value) => typeof value === "string") : [];
    return texts.length === 0 ? input : texts.join(" ");
  } catch {
    return input;
  }
}

/** The results of those tools and the sources of the reply. */
function foundLines({ activity = [], sources = [] }: Reply): readonly TimelineLine[] {
  return [
    ...activity.flatMap(({ tool, input, output }) => [
      ...block(`< ${tool}`, wanted(input)),
      ...(output === undefined ? [] : block(`< result of ${tool}`, output)),
    ]),
    ...sources.flatMap(({ url, title }) => block("< source", [title, url].filter((text) => text !== undefined).join(" "))),
  ];
}

function measures(callId: string, outcome: Outcome, progress: Progress): string {
  const measured = measuresOf(progress, callId) ?? {};
  const { firstTokenMs, promptPerSecond, tokensPerSecond, context } = measured;
  return [
    ...waits(callId, measured, progress),
    ...(firstTokenMs === undefined ? [] : [`first token after ${duration(firstTokenMs)}`]),
    usageText(outcome.usage),
    ...(promptPerSecond === undefined ? [] : [`read at ${speed(promptPerSecond)}`]),
    ...(tokensPerSecond === undefined ? [] : [`written at ${speed(tokensPerSecond)}`]),
    ...(context === undefined ? [] : [`${percent(context.used / context.of)} of the context`]),
  ].join(", ");
}

/** A model is loaded before its call begins, so what that took is no waiting in the queue; some engines do it during the call. */
function waits(callId: string, { loadMs = 0 }: CallMeasures, progress: Progress): readonly string[] {
  const { requestedAt = 0, startedAt, settledAt = 0 } = progress.times.get(callId) ?? {};
  if (startedAt === undefined) return [`${duration(settledAt - requestedAt)} of waiting`];
  const before = startedAt - requestedAt;
  const queued = before < loadMs ? before : before - loadMs;
  return [
    duration(settledAt - startedAt),
    ...(queued < WORTH_TELLING_MS ? [] : [`after ${duration(queued)} in the queue`]),
    ...(loadMs < WORTH_TELLING_MS ? [] : [`${duration(loadMs)} of loading`]),
  ];
}

function promptLines(messages: readonly Message[]): readonly TimelineLine[] {
  return messages.flatMap((message) =>
    message.role === "tool"
      ? message.results.flatMap(({ name, text }) => block(`> tool ${name}`, text))
      : [...filesOf(message).map(fileLine), ...block(`> ${message.role}`, message.text)],
  );
}

function filesOf(message: Message): readonly Attachment[] {
  return message.role === "user" ? (message.attachments ?? []) : [];
}

function fileLine(attachment: Attachment): TimelineLine {
  return { tone: "faint", text: `> file: ${attachmentText(attachment)}` };
}

function replyLines(reply: Reply): readonly TimelineLine[] {
  const { text, reasoning, toolCalls } = reply;
  return [
    ...foundLines(reply),
    ...(reasoning === undefined ? [] : block("< thinking", reasoning)),
    ...(text === "" ? [] : block("< reply", text)),
    ...toolCalls.flatMap(({ name, input }) => block(`< tool call ${name}`, input)),
  ];
}

/** A text with its title before every line of it. */
function block(title: string, text: string): readonly TimelineLine[] {
  return plainText(text)
    .split("\n")
    .map((line) => ({ tone: "faint", text: `${plainText(title)}: ${line}` }));
}
