import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf, type Session } from "./session.ts";

/** What the person has allowed once and for all. */
export interface Allowed {
  readonly cloud: boolean;
}

const FILE = "allowed.json";

/** Nothing, where nothing was ever said or the file cannot be read. */
export function readAllowed({ io }: Pick<Session, "io">): Allowed {
  try {
    const { cloud } = JSON.parse(readFileSync(join(foldersOf(io).config, FILE), "utf8")) as { readonly cloud?: unknown };
    return { cloud: cloud === true };
  } catch {
    return { cloud: false };
  }
}

/** @returns the path of the file */
export function writeAllowed({ io }: Pick<Session, "io">, allowed: Allowed): string {
  const { config } = foldersOf(io);
  mkdirSync(config, { recursive: true, mode: 0o700 });
  const path = join(config, FILE);
  writeFileSync(path, `${JSON.stringify(allowed)}\n`, { mode: 0o600 });
  return path;
}
