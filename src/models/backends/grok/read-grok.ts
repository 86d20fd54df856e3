import { type LanguageModelV4CallOptions, type LanguageModelV4StreamPart, TypeValidationError } from "@ai-sdk/provider";
import { isJson, type Json } from "../chatcompletion/wire.ts";
import type { PartReader } from "../with-parts.ts";

type PartOf<Type extends LanguageModelV4StreamPart["type"]> = Extract<LanguageModelV4StreamPart, { type: Type }>;

/** Events without which nobody knows how a reply went. */
const telling: ReadonlySet<unknown> = new Set(["error", "response.failed", "response.incomplete", "response.done", "response.completed"]);

/**
 * Reads a stream of xAI's Responses: its own tools are marked as such from their first part on, the code it ran and what came of it are taken
 * from the wire, events that the SDK does not know are passed over, a stream that ends without its last event was interrupted, and a source
 * is not titled with its own address.
 */
export function readGrok({ tools = [] }: LanguageModelV4CallOptions): PartReader {
  const own = new Set(tools.filter(({ type }) => type === "provider").map(({ name }) => name));
  const runs = new Map<string, Json>();

  return (part) => {
    switch (part.type) {
      case "raw":
        rememberRun(part.rawValue, runs);
        return [part];
      case "tool-input-start":
        return [own.has(part.toolName) ? { ...part, providerExecuted: true } : part];
      case "tool-result":
        return [withRun(part, runs.get(part.toolCallId))];
      case "source":
        return [part.sourceType === "url" && part.title === part.url ? withoutTitle(part) : part];
      case "error":
        return isPassedOver(part.error) ? [] : [part];
      case "finish":
        return [isInterrupted(part) ? { ...part, finishReason: { unified: "interrupted", raw: undefined } } : part];
      default:
        return [part];
    }
  };
}

function rememberRun(event: unknown, runs: Map<string, Json>): void {
  if (!isJson(event) || event["type"] !== "response.output_item.done" || !isJson(event["item"])) return;
  const { id, type, code, outputs } = event["item"];
  if (type !== "code_interpreter_call" || typeof id !== "string") return;
  runs.set(id, { ...(typeof code === "string" && { code }), ...(Array.isArray(outputs) && { outputs }) });
}

function withRun(part: PartOf<"tool-result">, run: Json | undefined): PartOf<"tool-result"> {
  return run === undefined ? part : { ...part, result: { ...(isJson(part.result) ? part.result : {}), ...run } as typeof part.result };
}

function withoutTitle({ sourceType, id, url }: Extract<PartOf<"source">, { sourceType: "url" }>): PartOf<"source"> {
  return { type: "source", sourceType, id, url };
}

function isPassedOver(error: unknown): boolean {
  if (!TypeValidationError.isInstance(error) || !isJson(error.value)) return false;
  const { type } = error.value;
  return typeof type === "string" && !telling.has(type);
}

function isInterrupted({ finishReason: { unified, raw } }: PartOf<"finish">): boolean {
  return unified === "other" && raw === undefined;
}
