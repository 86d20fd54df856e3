import {
  UnsupportedFunctionalityError,
  type LanguageModelV4Message,
  type LanguageModelV4Prompt,
  type LanguageModelV4ToolResultOutput,
} from "@ai-sdk/provider";
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from "node-llama-cpp";

type Part = Exclude<LanguageModelV4Message["content"], string>[number];

function resultOf(output: LanguageModelV4ToolResultOutput): unknown {
  if (output.type === "execution-denied") return output.reason ?? "The call was not allowed.";
  if (output.type !== "content") return output.value;
  return output.value.map((item) => (item.type === "text" ? item.text : "")).join("\n");
}

function resultsById(prompt: LanguageModelV4Prompt): ReadonlyMap<string, unknown> {
  const parts = prompt.flatMap((message): readonly Part[] => (message.role === "tool" ? message.content : []));
  return new Map(parts.flatMap((part) => (part.type === "tool-result" ? [[part.toolCallId, resultOf(part.output)] as const] : [])));
}

function userText(content: readonly Part[]): string {
  return content
    .map((part) => {
      if (part.type !== "text")
        throw new UnsupportedFunctionalityError({ functionality: `${part.type} in a prompt of the embedded engine` });
      return part.text;
    })
    .join("\n");
}

function modelItems(content: readonly Part[], results: ReadonlyMap<string, unknown>): ChatModelResponse["response"] {
  return content.flatMap((part): ChatModelResponse["response"] => {
    if (part.type === "text") return [part.text];
    if (part.type !== "tool-call") return [];
    const call: ChatModelFunctionCall = {
      type: "functionCall",
      name: part.toolName,
      params: part.input,
      result: results.get(part.toolCallId) ?? null,
    };
    return [call];
  });
}

/**
 * A prompt as the engine's chat history, which ends with the model's open turn. A tool's result goes into the turn of the call.
 * Former thinking is left out.
 */
export function chatHistory(prompt: LanguageModelV4Prompt): ChatHistoryItem[] {
  const results = resultsById(prompt);
  const history: ChatHistoryItem[] = [];
  for (const message of prompt) {
    const last = history.at(-1);
    if (message.role === "system") history.push({ type: "system", text: message.content });
    else if (message.role === "user") history.push({ type: "user", text: userText(message.content) });
    else if (message.role === "assistant") {
      const items = modelItems(message.content, results);
      if (last?.type === "model") last.response.push(...items);
      else history.push({ type: "model", response: items });
    }
  }
  if (history.at(-1)?.type !== "model") history.push({ type: "model", response: [] });
  return history;
}
