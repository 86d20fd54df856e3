import type { MessagesBody } from "../fake-messages-server.ts";

type Block = Readonly<Record<string, unknown>>;

/** Why the API answers 400 to a request, in its own words; undefined for a request that it takes. */
export function messagesRefusal(body: MessagesBody): string | undefined {
  return thinkingRefusal(body) ?? samplingRefusal(body) ?? emptyTextRefusal(body);
}

function thinkingRefusal({
  thinking,
  max_tokens: limit = 0,
  temperature,
  tool_choice: choice,
  messages,
}: MessagesBody): string | undefined {
  const { type, budget_tokens: budget } = (thinking ?? {}) as { readonly type?: string; readonly budget_tokens?: number };
  if (type !== "enabled" && type !== "adaptive") return undefined;
  if (budget !== undefined && budget >= limit) return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  if (temperature !== undefined && temperature !== 1) return "`temperature` may only be set to 1 when thinking is enabled.";
  const forced = ["any", "tool"].includes((choice as { readonly type?: string } | undefined)?.type ?? "");
  if (forced) return "Thinking may not be enabled when tool_choice forces tool use.";
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  const [first, ...rest] = blocksOf(messages[last]?.content);
  const callsTools = [first, ...rest].some((block) => block?.["type"] === "tool_use");
  if (type === "adaptive" || !callsTools || first?.["type"] === "thinking") return undefined;
  return `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first?.["type"])}\`.`;
}

function samplingRefusal({ temperature, top_p: topP, model }: MessagesBody): string | undefined {
  if (temperature === undefined || topP === undefined || /claude-(?:2|3)/u.test(model)) return undefined;
  return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
}

function emptyTextRefusal({ messages }: MessagesBody): string | undefined {
  const isEmpty = messages.some(({ content }) => blocksOf(content).some(({ type, text }) => type === "text" && text === ""));
  return isEmpty ? "messages: text content blocks must be non-empty" : undefined;
}

function blocksOf(content: unknown): readonly Block[] {
  return Array.isArray(content) ? (content as readonly Block[]) : [];
}
