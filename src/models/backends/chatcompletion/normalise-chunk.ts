import { contentOf } from "./normalise-content.ts";
import { measuresOf } from "./normalise-measures.ts";
import { createToolCallNormaliser } from "./normalise-tool-calls.ts";
import { usageIn } from "./normalise-usage.ts";
import { isJson, type Json } from "./wire.ts";

/** What Z AI, Mistral and Together call the ends of replies. */
const otherNames: Readonly<Record<string, string>> = {
  sensitive: "content_filter",
  model_length: "length",
  max_tokens: "length",
  eos: "stop",
  end_turn: "stop",
};

/** Ends that are none: Z AI, DeepSeek and OpenRouter say so when they fail in the middle of a reply. */
const brokenOff: ReadonlySet<unknown> = new Set(["network_error", "insufficient_system_resource", "error"]);

/** Turns the chunks of one reply into chunks that the SDK reads. */
export interface ChunkNormaliser {
  /** @returns what to send on; nothing when there is nothing to say */
  normalise(chunk: Json): Json | undefined;
  /** A chunk with text went past without being looked at. */
  passed(): void;
  /** The chunk that ends a reply which the server said is over, where it forgot to say how. */
  ending(): Json | undefined;
  readonly finished: boolean;
}

export function createChunkNormaliser(): ChunkNormaliser {
  const calls = createToolCallNormaliser();
  let said = false;
  let finished = false;

  const deltaOf = (choice: Json): Json => {
    const source = sourceOf(choice);
    const { text, reasoning } = contentOf(source);
    const toolCalls = calls.normalise(source.tool_calls ?? source.function_call);
    const delta = {
      ...(text === "" ? {} : { content: text }),
      ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
      ...(typeof source.refusal === "string" && source.refusal !== "" ? { refusal: source.refusal } : {}),
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    };
    said ||= Object.keys(delta).length > 0;
    return delta;
  };

  /** A final `message` repeats what the deltas said already: only what is new in it counts. */
  const sourceOf = ({ delta, message }: Json): Json => {
    if (isJson(delta)) return delta;
    if (!isJson(message)) return {};
    if (!said) return message;
    return calls.any ? {} : { tool_calls: message.tool_calls };
  };

  const finishOf = ({ finish_reason: reason }: Json): Json => {
    if (typeof reason !== "string" || reason === "") return {};
    finished = true;
    return { finish_reason: otherNames[reason] ?? reason };
  };

  return {
    get finished() {
      return finished;
    },
    normalise(chunk) {
      const error = errorOf(chunk);
      if (error !== undefined) return { error };
      const choice = Array.isArray(chunk.choices) ? chunk.choices.find(isJson) : undefined;
      if (brokenOff.has(choice?.finish_reason)) return { error: { message: `The reply was broken off: ${String(choice?.finish_reason)}` } };
      const usage = usageIn(chunk, choice);
      const measures = measuresOf(chunk);
      if (choice === undefined && usage === undefined && measures === undefined) return undefined;
      return {
        choices: choice === undefined ? [] : [{ index: 0, delta: deltaOf(choice), ...finishOf(choice) }],
        ...(usage === undefined ? {} : { usage }),
        ...(measures === undefined ? {} : { massgen: measures }),
      };
    },
    passed() {
      said = true;
    },
    ending() {
      if (finished || !said) return undefined;
      finished = true;
      return { choices: [{ index: 0, delta: {}, finish_reason: calls.any ? "tool_calls" : "stop" }] };
    },
  };
}

/** The error in a body or chunk, in the one shape that the SDK reads: an object with a message. */
export function errorOf(chunk: Json): Json | undefined {
  const found = chunk.error ?? (isFlatError(chunk) ? chunk : undefined);
  if (!found) return undefined;
  if (!isJson(found)) return { message: typeof found === "string" ? found : JSON.stringify(found) };
  const { type, code } = found;
  return {
    message: [found.message, found.detail, found.error].find((value) => typeof value === "string" && value !== "") ?? JSON.stringify(found),
    ...(typeof type === "string" ? { type } : {}),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
  };
}

/** SGLang and FastAPI put the error where others put the reply. */
function isFlatError(chunk: Json): boolean {
  return chunk.object === "error" || (!("choices" in chunk) && ("detail" in chunk || "message" in chunk));
}
