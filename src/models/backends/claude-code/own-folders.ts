import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of one agent outside of its runs, made when they are first asked for. */
export interface OwnFolders {
  /** Where the program keeps its state, apart from the user's. */
  readonly config: () => string;
  /** Where calls work that belong to no run. */
  readonly scratch: () => string;
  readonly remove: () => void;
}

export function createOwnFolders(): OwnFolders {
  const made = new Map<string, string>();
  const folder = (name: string): string => {
    const known = made.get(name) ?? mkdtempSync(join(tmpdir(), "massgen-claude-code-"));
    made.set(name, known);
    return known;
  };
  return {
    config: () => folder("config"),
    scratch: () => folder("scratch"),
    remove() {
      for (const path of made.values()) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      made.clear();
    },
  };
}
