import { isJson, type Json } from "./wire.ts";

/** What a message or delta says. */
export interface Content {
  readonly text: string;
  readonly reasoning: string;
}

/** Text and thinking, whether they come as text, as parts, as an object, or under one of the names engines have for thinking. */
export function contentOf(message: Json): Content {
  const { text, reasoning } = textOf(message.content);
  const thought = [message.reasoning_content, message.reasoning, message.thinking]
    .map((value) => textOf(value))
    .find((value) => value.text !== "");
  return { text, reasoning: (thought?.text ?? "") + reasoning };
}

function textOf(value: unknown): Content {
  if (typeof value === "string") return { text: value, reasoning: "" };
  if (typeof value === "number" || typeof value === "boolean") return { text: String(value), reasoning: "" };
  if (Array.isArray(value)) {
    const parts = value.map(textOf);
    return { text: parts.map(({ text }) => text).join(""), reasoning: parts.map(({ reasoning }) => reasoning).join("") };
  }
  if (!isJson(value)) return { text: "", reasoning: "" };
  if (value.type === "thinking" || value.type === "reasoning") {
    return { text: "", reasoning: textOf(value.thinking ?? value.text ?? value.content).text };
  }
  return textOf(value.text ?? value.content ?? value.value);
}
