import type { FileSource } from "../../files/read-source.ts";

const COMMAND = /^\/(?<name>image|file|attach)(?:\s+(?<path>.+))?$/isu;

/** `/image PATH` and `/file PATH`, with the path as terminals write what is dropped on them: in quotes, or with blanks escaped. */
export function attachLine(
  text: string,
): { readonly usage: string } | Exclude<FileSource, string | { readonly data: unknown }> | undefined {
  const { name = "", path = "" } = COMMAND.exec(text)?.groups ?? {};
  if (name === "") return undefined;
  const command = name.toLowerCase();
  const bare = unquoted(path.trim());
  if (bare === "") return { usage: `/${command} PATH attaches a file to the next question.` };
  return { path: bare, ...(command === "image" && { mustBe: "image" as const }) };
}

function unquoted(path: string): string {
  const quoted = /^(?<quote>["'])(?<inside>.*)\k<quote>$/su.exec(path)?.groups;
  return quoted?.["inside"] ?? path.replaceAll(/\\(?<mark>[ ()'"&[\]])/gu, "$<mark>");
}
