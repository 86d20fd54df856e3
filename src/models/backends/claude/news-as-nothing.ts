import { TypeValidationError } from "@ai-sdk/provider";
import { isJson } from "../chatcompletion/wire.ts";
import type { PartReader } from "../with-parts.ts";

/** What carries a reply: an event of these that cannot be read is trouble. */
const KNOWN =
  /^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop)|error|text|text_delta|thinking|thinking_delta|tool_use|input_json_delta)$/u;

/** Anthropic adds kinds of events, blocks and deltas as it likes, and asks its clients to pass over those that they do not know. */
export function newsAsNothing(): PartReader {
  return (part) => (part.type === "error" && TypeValidationError.isInstance(part.error) && isNews(part.error.value) ? [] : [part]);
}

function isNews(event: unknown): boolean {
  if (!isJson(event)) return false;
  const inner = isJson(event["content_block"]) ? event["content_block"] : event["delta"];
  const types = [event["type"], isJson(inner) ? inner["type"] : undefined].filter((type) => typeof type === "string");
  return types.some((type) => !KNOWN.test(type));
}
