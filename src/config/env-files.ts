import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import { backends } from "../models/backends/backends.ts";
import { reachOf } from "./base-url.ts";
import { ADDRESSES_OF_FILES, type Environment } from "./interpolate.ts";

/** Variables with what the `.env` files add to them. */
export interface FullEnvironment {
  readonly environment: Environment;
  /** What was left out, a sentence each. */
  readonly notices: readonly string[];
}

/** What says where things are kept, which programs run or what requests pass through is no business of a folder's file. */
const NOT_FROM_FILES = new RegExp(
  `^(${[
    "MASSGEN_(HOME|CONFIG)|XDG_.*|CLAUDE_CONFIG_DIR|CLAUDE_CODE_(?!OAUTH_TOKEN$).*",
    "HOME|HOMEDRIVE|HOMEPATH|USERPROFILE|(LOCAL)?APPDATA|PROGRAM(DATA|FILES)|TMP|TEMP|TMPDIR|SYSTEMROOT|WINDIR",
    "PATH|PATHEXT|SHELL|COMSPEC|BASH_ENV|ENV|NODE_.*|NPM_.*|PYTHON.*|GIT_.*|LD_.*|DYLD_.*",
    "(HTTPS?|ALL|NO)_PROXY|SSL_.*",
  ].join("|")})$`,
  "iu",
);

/**
 * Reads `.env` in these folders; of two files the first counts, and the environment goes before all. `export`, quotes and comments are
 * understood. A file can send a key to another address only if the key is its own, too.
 */
export function withEnvFiles(environment: Environment, folders: readonly string[]): FullEnvironment {
  const notices: string[] = [];
  const addresses: string[] = [];
  let full: Record<string, string | undefined> = { ...environment };
  for (const folder of new Set(folders)) {
    const file = join(folder, ".env");
    const text = textOf(file);
    if (text === undefined) continue;
    const found = allowed(parseEnv(text), { environment: full, file, notices });
    addresses.push(...Object.keys(found).filter(isAddress));
    full = { ...found, ...full };
  }
  return { environment: addresses.length === 0 ? full : { ...full, [ADDRESSES_OF_FILES]: addresses }, notices };
}

interface Reading {
  readonly environment: Environment;
  readonly file: string;
  readonly notices: string[];
}

function allowed(found: NodeJS.Dict<string>, { environment, file, notices }: Reading): Record<string, string | undefined> {
  const kept = Object.entries(found).filter(([name]) => {
    if (environment[name] !== undefined) return false;
    const why = NOT_FROM_FILES.test(name) ? "only the environment itself can say that" : whyNotThere(name, found, environment);
    if (why !== undefined) notices.push(`${name} in ${file} is left out: ${why}.`);
    return why === undefined;
  });
  return Object.fromEntries(kept);
}

const withAddresses: readonly { readonly addressVariable?: string; readonly variables: readonly string[] }[] = [
  ...Object.values(backends),
  claudeCode,
];

function isAddress(name: string): boolean {
  return withAddresses.some(({ addressVariable }) => addressVariable === name);
}

/** Why requests, and a key with them, do not go to the address that a file names: the key is not the file's. */
function whyNotThere(name: string, found: NodeJS.Dict<string>, environment: Environment): string | undefined {
  if (!isAddress(name)) return undefined;
  const keys = withAddresses.flatMap(({ addressVariable, variables }) => (addressVariable === name ? variables : []));
  const exposed = keys.find((key) => (environment[key] ?? "") !== "");
  if (exposed !== undefined) return `${exposed}, which it does not hold, would go there`;
  const address = found[name] ?? "";
  if (keys.some((key) => (found[key] ?? "") !== "") || !URL.canParse(address) || reachOf(address) === "loopback") return undefined;
  return "a file names an address only together with the key for it";
}

/** Undefined where there is none that can be read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
