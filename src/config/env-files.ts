import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { backends } from "../models/backends/backends.ts";
import type { Environment } from "./interpolate.ts";

/** Variables with what the `.env` files add to them. */
export interface FullEnvironment {
  readonly environment: Environment;
  /** What was left out, a sentence each. */
  readonly notices: readonly string[];
}

/** What says where things are kept, which programs run or what requests pass through is no business of a folder's file. */
const NOT_FROM_FILES = /^(MASSGEN_(HOME|CONFIG)|XDG_.*|HOME|PATH|NODE_.*|LD_.*|DYLD_.*|(HTTPS?|ALL|NO)_PROXY|SSL_.*)$/iu;

/**
 * Reads `.env` in these folders; of two files the first counts, and the environment goes before all. `export`, quotes and comments are
 * understood. A file cannot send a key that the environment holds to another address.
 */
export function withEnvFiles(environment: Environment, folders: readonly string[]): FullEnvironment {
  const notices: string[] = [];
  let added: Record<string, string | undefined> = {};
  for (const folder of new Set(folders)) {
    const file = join(folder, ".env");
    const text = textOf(file);
    if (text !== undefined) added = { ...allowed(parseEnv(text), { environment, file, notices }), ...added };
  }
  return { environment: { ...added, ...environment }, notices };
}

interface Reading {
  readonly environment: Environment;
  readonly file: string;
  readonly notices: string[];
}

function allowed(found: NodeJS.Dict<string>, { environment, file, notices }: Reading): Record<string, string | undefined> {
  const kept = Object.entries(found).filter(([name]) => {
    if (environment[name] !== undefined) return false;
    const exposed = keysBehind(name).find((key) => (environment[key] ?? "") !== "");
    if (exposed !== undefined) notices.push(`${name} in ${file} is left out: ${exposed}, which the environment holds, would go there.`);
    else if (NOT_FROM_FILES.test(name)) notices.push(`${name} in ${file} is left out: only the environment itself can say that.`);
    else return true;
    return false;
  });
  return Object.fromEntries(kept);
}

/** The variables with the keys that go to the address which this one names. */
function keysBehind(name: string): readonly string[] {
  const behind: readonly { readonly addressVariable?: string; readonly variables: readonly string[] }[] = Object.values(backends);
  return behind.flatMap(({ addressVariable, variables }) => (addressVariable === name ? variables : []));
}

/** Undefined where there is none that can be read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
