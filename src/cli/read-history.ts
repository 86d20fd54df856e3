import { readTextFile } from "../config/read-text-file.ts";
import { parseSource, type Source } from "../config/yaml-source.ts";
import { MassgenError } from "../core/errors.ts";
import type { Turn } from "../core/facts/settings.ts";

/**
 * The conversation so far: a JSON array, or JSON lines, of `{role, content}` (or `text`) and `{question, answer}`.
 * Throws `config` with file and line.
 */
export async function readHistory(file: string): Promise<readonly Turn[]> {
  return parseHistory(readTextFile(file, "history file"), file);
}

export function parseHistory(text: string, file: string): readonly Turn[] {
  if (text.trim() === "") throw historyError(file, 1, "the file is empty", SHAPE);
  const list = text.trimStart().startsWith("[") ? parsed(text, file, 1) : undefined;
  if (list !== undefined && Array.isArray(list.value)) {
    return list.value.flatMap((item: unknown, index) => turnsOf(item, file, list.place([index]).line));
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    return turnsOf(parsed(line.trim(), file, index + 1).value, file, index + 1);
  });
}

const SHAPE = 'Write [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}], or one such object a line.';

function parsed(text: string, file: string, firstLine: number): Source {
  const result = parseSource("", text, "JSON");
  if (result.type === "source") return result.source;
  const { line, sentence } = result.error;
  throw historyError(file, firstLine + line - 1, sentence.replace(/\.$/u, ""), SHAPE);
}

function turnsOf(item: unknown, file: string, line: number): readonly Turn[] {
  const { role, content, text, question, answer } = (typeof item === "object" && item !== null ? item : {}) as Record<string, unknown>;
  if (typeof question === "string" && typeof answer === "string") {
    return [
      { role: "user", text: question },
      { role: "assistant", text: answer },
    ];
  }
  const said = textOf(content ?? text);
  if (role !== "user" && role !== "assistant") {
    throw historyError(
      file,
      line,
      role === undefined ? "this is no turn of a conversation" : `the role ${JSON.stringify(role)} is not "user" or "assistant"`,
      SHAPE,
    );
  }
  if (said === undefined) throw historyError(file, line, "this turn has no text in content", SHAPE);
  return [{ role, text: said }];
}

/** Text, or the text parts that some programs write. */
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: unknown) => (part as { readonly text?: unknown } | null)?.text);
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}

function historyError(file: string, line: number, what: string, hint: string): MassgenError {
  return new MassgenError("config", `${file}:${line}: ${what.charAt(0).toUpperCase()}${what.slice(1)}.`, { hint });
}
