import type { JSONValue, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import type {
  SDKAssistantMessage,
  SDKMessage,
  SDKPartialAssistantMessage,
  SDKResultMessage,
  SDKUserMessage,
} from "@anthropic-ai/claude-agent-sdk";
import { ourName } from "./offered-tools.ts";
import { failureOfResult } from "./failure-of-result.ts";

type Part = LanguageModelV4StreamPart;
type BlockDelta = Extract<SDKPartialAssistantMessage["event"], { type: "content_block_delta" }>["delta"];

/** By which the program takes what a schema asks for; its input is the reply itself. */
const FILLED_IN = "StructuredOutput";

/** Turns what the program says into parts of one reply. */
export interface StreamParts {
  /** The last part of all is a `finish` or an `error`. */
  take(message: SDKMessage): readonly Part[];
}

/**
 * @param isBallot whether a schema is to be filled in, which comes whole, at the end
 * @param tokensLeft the reply ends, cut off, once all requests together have taken more
 */
export function createStreamParts(isBallot: boolean, tokensLeft = Infinity): StreamParts {
  const tools = new Map<string, string>();
  const spent = { input: 0, cacheWrite: 0, output: 0 };
  let ours: readonly Part[] = [];
  let open: { readonly id: string; readonly type: "text" | "reasoning" } | undefined;
  let texts: string[] = [];
  let blocks = 0;
  let lastWord: SDKAssistantMessage["error"];

  const begin = (type: "text" | "reasoning"): readonly Part[] => {
    blocks += 1;
    open = { id: `${type}-${blocks}`, type };
    return [{ type: `${type}-start`, id: open.id }];
  };
  const end = (): readonly Part[] => {
    const closed = open;
    open = undefined;
    if (closed?.type === "reasoning") return [{ type: "reasoning-end", id: closed.id }];
    if (closed !== undefined) texts.push(closed.id);
    return [];
  };
  /** Only the end of a message tells whether its text was the answer or was said on the way to it. */
  const endTexts = (isAside: boolean): readonly Part[] => {
    const ended = texts.map((id): Part => ({ type: "text-end", id, ...(isAside && { providerMetadata: { massgen: { aside: true } } }) }));
    texts = [];
    return ended;
  };

  /** The program goes on with its own tools; a call of ours is the end of the reply. */
  const toolsCalled = (): readonly Part[] => {
    if (ours.length === 0) return [...endTexts(true), { type: "raw", rawValue: { massgen: { usage: usageSoFar() } } }];
    return [...endTexts(false), ...ours, { type: "finish", finishReason: { unified: "tool-calls", raw: "tool_use" }, usage: usageSoFar() }];
  };
  const usageSoFar = (): LanguageModelV4Usage =>
    usageOf([{ inputTokens: spent.input, cacheCreationInputTokens: spent.cacheWrite, outputTokens: spent.output }]);
  /** Also those of agents that the program has started itself. */
  const count = ({ event }: SDKPartialAssistantMessage): void => {
    if (event.type === "message_start") {
      spent.input += event.message.usage.input_tokens;
      spent.cacheWrite += event.message.usage.cache_creation_input_tokens ?? 0;
    } else if (event.type === "message_delta") spent.output += event.usage.output_tokens;
  };
  /** Nobody else can stop a program that goes on and on. */
  const spentAll = (): readonly Part[] =>
    spent.input + spent.cacheWrite + spent.output <= tokensLeft
      ? []
      : [...end(), ...endTexts(false), { type: "finish", finishReason: { unified: "length", raw: "tokensLeft" }, usage: usageSoFar() }];

  const grown = (delta: BlockDelta): readonly Part[] => {
    if (open === undefined) return [];
    if (delta.type === "text_delta") return [{ type: "text-delta", id: open.id, delta: delta.text }];
    return delta.type === "thinking_delta" ? [{ type: "reasoning-delta", id: open.id, delta: delta.thinking }] : [];
  };

  const streamed = ({ event }: SDKPartialAssistantMessage): readonly Part[] => {
    switch (event.type) {
      case "content_block_start":
        if (event.content_block.type === "text" && !isBallot) return begin("text");
        return event.content_block.type === "thinking" ? begin("reasoning") : [];
      case "content_block_delta":
        return grown(event.delta);
      case "content_block_stop":
        return end();
      case "message_delta":
        return event.delta.stop_reason === "tool_use" ? toolsCalled() : endTexts(false);
      default:
        return [];
    }
  };

  const said = ({ message, error }: SDKAssistantMessage): readonly Part[] => {
    lastWord = error;
    return message.content.flatMap((block): readonly Part[] => {
      if (block.type !== "tool_use" || block.name === FILLED_IN) return [];
      const input = JSON.stringify(block.input);
      const name = ourName(block.name);
      if (name !== undefined) {
        ours = [...ours, { type: "tool-call", toolCallId: block.id, toolName: name, input }];
        return [ALIVE];
      }
      tools.set(block.id, block.name);
      return [{ type: "tool-call", toolCallId: block.id, toolName: block.name, input, providerExecuted: true }];
    });
  };

  const did = ({ message }: SDKUserMessage): readonly Part[] => {
    if (typeof message.content === "string") return [];
    return message.content.flatMap((block): readonly Part[] => {
      const toolName = block.type === "tool_result" ? tools.get(block.tool_use_id) : undefined;
      if (block.type !== "tool_result" || toolName === undefined) return [];
      const result = resultText(block.content);
      return [{ type: "tool-result", toolCallId: block.tool_use_id, toolName, result, ...(block.is_error === true && { isError: true }) }];
    });
  };

  const over = (result: SDKResultMessage): readonly Part[] => {
    const isCut = lastWord === "max_output_tokens" && !isBallot;
    const failure = isCut ? undefined : failureOfResult(result, lastWord);
    if (failure !== undefined) return [{ type: "error", error: failure }];
    const unified = isCut || result.stop_reason === "max_tokens" ? "length" : "stop";
    const finish: Part = {
      type: "finish",
      finishReason: { unified, raw: result.stop_reason ?? undefined },
      usage: usageOf(Object.values(result.modelUsage)),
    };
    return [...end(), ...endTexts(false), ...(isBallot ? filledIn(result) : []), finish];
  };

  return {
    take(message) {
      if (message.type === "stream_event") {
        count(message);
        const taken = message.parent_tool_use_id === null ? streamed(message) : [ALIVE];
        return taken.some(({ type }) => type === "finish") ? taken : [...taken, ...spentAll()];
      }
      if (message.type === "assistant") return said(message);
      if (message.type === "user") return did(message);
      return message.type === "result" ? over(message) : [ALIVE];
    },
  };
}

/** Says nothing, and shows that the program still works. */
const ALIVE: Part = { type: "raw", rawValue: {} };

function filledIn(result: SDKResultMessage): readonly Part[] {
  if (result.subtype !== "success") return [];
  const delta = result.structured_output === undefined ? result.result : JSON.stringify(result.structured_output);
  return [
    { type: "text-start", id: "ballot" },
    { type: "text-delta", id: "ballot", delta },
    { type: "text-end", id: "ballot" },
  ];
}

type ToolResultContent = Extract<Exclude<SDKUserMessage["message"]["content"], string>[number], { type: "tool_result" }>["content"];

function resultText(content: ToolResultContent): NonNullable<JSONValue> {
  if (typeof content === "string" || content === undefined) return content ?? "";
  return content.map((block) => (block.type === "text" ? block.text : `[${block.type}]`)).join("\n");
}

type Spent = Readonly<Record<"inputTokens" | "cacheCreationInputTokens" | "outputTokens", number>>;

/** All requests of the call together. What was read again from the cache of prompts, in every one of them, is not counted. */
function usageOf(requests: readonly Spent[]): LanguageModelV4Usage {
  const sum = (field: keyof Spent): number => requests.reduce((total, usage) => total + usage[field], 0);
  const [noCache, cacheWrite, output] = [sum("inputTokens"), sum("cacheCreationInputTokens"), sum("outputTokens")];
  return {
    inputTokens: { total: noCache + cacheWrite, noCache, cacheRead: undefined, cacheWrite },
    outputTokens: { total: output, text: undefined, reasoning: undefined },
  };
}
