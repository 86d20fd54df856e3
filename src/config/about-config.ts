import { readFileSync } from "node:fs";

/** What the first comment of the file says, up to its first full stop. */
export function aboutOf(path: string): string {
  const [first = ""] = readFileSync(path, "utf8").split("\n");
  return /^#\s*(.+?)(?:\. |: massgen|\.?$)/u.exec(first)?.[1] ?? "";
}
