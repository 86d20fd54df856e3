/**
 * Special tokens of common chat templates. Servers parse them also inside messages, so an answer could end its own turn.
 * `<|name|>` and its full-width form, sentence and turn marks, instruction brackets.
 */
const CONTROL_TOKENS =
  /<[|｜][^|｜<>\s]{1,40}[|｜]>|<\/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|tool_call|tool_response|think)>|\[\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<<\/?SYS>>/giu;

const FENCE_TAGS = /<(?=\/?\s*(?:answer|question)\b)/giu;
const FILE_TAGS = /<(?=\/?\s*file\b)/giu;

/** Takes the power out of control tokens: one space breaks them for a tokenizer and hides nothing from a reader. */
export function withoutControlTokens(text: string): string {
  return text.replaceAll(CONTROL_TOKENS, (token) => `${token.slice(0, 1)} ${token.slice(1)}`);
}

/**
 * What an agent wrote, as data for another: it can neither open nor close a fence. Half a character, as shortening leaves it behind,
 * is replaced: tokenizers written in other languages refuse it.
 */
export function harmless(text: string): string {
  return withoutControlTokens(text.toWellFormed()).replaceAll(FENCE_TAGS, "< ");
}

/** A text file that goes with a question, as data: it can neither end its own fence nor open one of an answer. */
export function fencedFile(name: string, text: string): string {
  return `<file name="${withoutControlTokens(name)}">\n${harmless(text).replaceAll(FILE_TAGS, "< ")}\n</file>`;
}

export function fenced(label: string, text: string): string {
  return `<answer name="${label}">\n${harmless(text)}\n</answer>`;
}
