import type { MessagesBody } from "../fake-messages-server.ts";

type Block = Readonly<Record<string, unknown>>;

/** Why the API answers 400 to a request, in its own words; undefined for a request that it takes. */
export function messagesRefusal(body: MessagesBody): string | undefined {
  return thinkingRefusal(body) ?? samplingRefusal(body) ?? emptyTextRefusal(body);
}

function thinkingRefusal(body: MessagesBody): string | undefined {
  const { type, budget_tokens: budget } = { type: "disabled", budget_tokens: 0, ...(body["thinking"] as object | undefined) };
  const { type: chosen } = { type: "auto", ...(body["tool_choice"] as object | undefined) };
  if (type !== "enabled" && type !== "adaptive") return undefined;
  if (budget >= (body.max_tokens ?? 0)) return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  if ((body["temperature"] ?? 1) !== 1) return "`temperature` may only be set to 1 when thinking is enabled.";
  if (chosen === "any" || chosen === "tool") return "Thinking may not be enabled when tool_choice forces tool use.";
  return type === "enabled" ? forgottenThinking(body) : undefined;
}

/** What a thinking model said before it called a tool is only known to be its own with the thinking before it. */
function forgottenThinking({ messages }: MessagesBody): string | undefined {
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  const blocks = blocksOf(messages[last]?.content);
  const [first] = blocks.map(({ type }) => String(type));
  if (first === "thinking" || first === "redacted_thinking" || !blocks.some(({ type }) => type === "tool_use")) return undefined;
  return `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`.`;
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
