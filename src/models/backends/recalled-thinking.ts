import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Message, LanguageModelV4ReasoningPart } from "@ai-sdk/provider";
import { type PartReader, withParts } from "./with-parts.ts";

/** Replies whose thinking is remembered. */
const MOST_REPLIES = 200;

type Thoughts = Map<string, readonly LanguageModelV4ReasoningPart[]>;

export interface Recalling {
  /** Which thoughts can go back; all by default. */
  readonly keeps?: (thought: LanguageModelV4ReasoningPart) => boolean;
  /** How a call goes on whose thoughts are forgotten, after a resume; as it is by default. */
  readonly forgotten?: (call: LanguageModelV4CallOptions) => LanguageModelV4CallOptions;
}

/**
 * What a model thought before it called a tool of ours goes back with the call, signed or encrypted as it came: Claude refuses to go on without,
 * OpenAI's models would think anew. It is remembered while the process lives, by the ids of the calls.
 */
export function recallingThinking(
  model: LanguageModelV4,
  { keeps = () => true, forgotten = (call) => call }: Recalling = {},
): LanguageModelV4 {
  const thoughts: Thoughts = new Map();
  const reading = withParts(model, () => remember(thoughts, keeps));
  return { ...reading, doStream: (options) => reading.doStream(recalled(options, thoughts, forgotten)) };
}

function remember(thoughts: Thoughts, keeps: NonNullable<Recalling["keeps"]>): PartReader {
  const open = new Map<string, LanguageModelV4ReasoningPart>();
  const keep = (callId: string): void => {
    const kept = [...open.values()].filter(keeps);
    if (kept.length > 0) thoughts.set(callId, kept);
    const [oldest] = thoughts.keys();
    if (thoughts.size > MOST_REPLIES && oldest !== undefined) thoughts.delete(oldest);
  };
  return (part) => {
    if (part.type === "reasoning-start" || part.type === "reasoning-delta" || part.type === "reasoning-end") {
      const before = open.get(part.id);
      const text = `${before?.text ?? ""}${part.type === "reasoning-delta" ? part.delta : ""}`;
      open.set(part.id, { type: "reasoning", text, ...options(before?.providerOptions), ...options(part.providerMetadata) });
    }
    if (part.type === "tool-call" && part.providerExecuted !== true) keep(part.toolCallId);
    return [part];
  };
}

/** Signatures and what is thought in secret come as metadata and go back as options. */
function options(providerOptions: LanguageModelV4ReasoningPart["providerOptions"]): Pick<LanguageModelV4ReasoningPart, "providerOptions"> {
  return providerOptions === undefined ? {} : { providerOptions };
}

function recalled(
  call: LanguageModelV4CallOptions,
  thoughts: Thoughts,
  forgotten: NonNullable<Recalling["forgotten"]>,
): LanguageModelV4CallOptions {
  const prompt = call.prompt.map((message) => withThoughts(message, thoughts));
  const isForgotten = prompt.some((message) => callIn(message) !== undefined && !isThought(message));
  return isForgotten ? forgotten({ ...call, prompt }) : { ...call, prompt };
}

function withThoughts(message: LanguageModelV4Message, thoughts: Thoughts): LanguageModelV4Message {
  const known = thoughts.get(callIn(message) ?? "");
  return message.role !== "assistant" || known === undefined ? message : { ...message, content: [...known, ...message.content] };
}

/** The first call of a tool of ours in what the model said. */
function callIn(message: LanguageModelV4Message): string | undefined {
  return message.role === "assistant" ? message.content.find((part) => part.type === "tool-call")?.toolCallId : undefined;
}

function isThought({ content }: LanguageModelV4Message): boolean {
  return typeof content !== "string" && content[0]?.type === "reasoning";
}
