import { parseArgs } from "node:util";
import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

export interface Flag {
  /** What the value is called in sentences; a flag without it takes none. */
  readonly value?: string;
  readonly short?: string;
  /** The commands it means something to, by their first word or both; absent: all of them. */
  readonly commands?: readonly string[];
}

/** What a config says in other ways too; explained and shown as a run would have it. */
const settings = ["ask", "chat", "config show", "config explain"];
const asking = ["ask", "chat"];
/** Who answers, also for a config that is to be written. */
const seating = [...asking, "init"];

export const flags = {
  config: { value: "FILE", commands: ["backends test", ...asking, "resume", "doctor", "config explain"] },
  profile: { value: "NAME", commands: [...asking, "config validate", "config show", "config explain"] },
  backend: { value: "NAME", commands: seating },
  model: { value: "NAME", commands: [...seating, "doctor"] },
  "base-url": { value: "URL", commands: seating },
  "system-message": { value: "TEXT", commands: seating },
  image: { value: "PATH", commands: asking },
  file: { value: "PATH", commands: asking },
  models: { value: "NAMES", commands: seating },
  agents: { value: "NUMBER|NAMES", commands: seating },
  history: { value: "FILE|RUN", commands: asking },
  timeout: { value: "TIME", commands: settings },
  "token-budget": { value: "NUMBER", commands: settings },
  "max-answers": { value: "NUMBER", commands: settings },
  seed: { value: "NUMBER", commands: settings },
  "final-answer-strategy": { value: "NAME", commands: settings },
  engine: { value: "NAME|URL", commands: ["models", "doctor", "engines try"] },
  context: { value: "NUMBER", commands: ["models load"] },
  parallel: { value: "NUMBER", commands: ["models load"] },
  ttl: { value: "TIME", commands: ["models load"] },
  tune: { commands: ["doctor"] },
  cloud: { commands: seating },
  "dry-run": { commands: asking },
  template: { value: "NAME", commands: ["init"] },
  force: { commands: ["init"] },
  strict: { commands: [...asking, "resume", "config validate"] },
  yes: { short: "y" },
  "no-display": { commands: [...asking, "resume"] },
  "no-logs": { commands: asking },
  json: {},
  quiet: { short: "q" },
  verbose: { short: "v" },
  "log-file": { value: "FILE", commands: [...asking, "resume"] },
  "no-color": {},
  help: { short: "h" },
  version: {},
} as const satisfies Record<string, Flag>;
export type FlagName = keyof typeof flags;

/** The command line taken apart: nothing is known yet about what the values mean. */
export interface Words {
  /** How often a flag was given, its last value, and all of them in order. */
  readonly given: ReadonlyMap<FlagName, { readonly times: number; readonly value?: string; readonly values: readonly string[] }>;
  readonly words: readonly string[];
  /** True when the words follow a bare `--`: then they are a question, whatever they are. */
  readonly verbatim: boolean;
}

const names = Object.keys(flags) as readonly FlagName[];

export function usageError(message: string, hint?: string): MassgenError {
  return new MassgenError("usage", message, { hint: hint ?? "massgen --help shows what there is." });
}

/** Takes `argv` (without node and script) apart. Throws `MassgenError("usage")` for flags that are unknown or lack their value. */
export function splitArguments(argv: readonly string[]): Words {
  const given = new Map<FlagName, { times: number; value?: string; values: readonly string[] }>();
  const words: string[] = [];
  let verbatim = false;
  for (const token of tokensOf(argv)) {
    if (token.kind === "option-terminator") verbatim = words.length === 0;
    else if (token.kind === "positional") words.push(token.value);
    else {
      const name = knownFlag(token.name, argv[token.index] ?? token.rawName);
      const value = checkedValue(name, token);
      const { times = 0, values = [] } = given.get(name) ?? {};
      given.set(name, { times: times + 1, ...(value === undefined ? { values } : { value, values: [...values, value] }) });
    }
  }
  return { given, words, verbatim };
}

function tokensOf(argv: readonly string[]) {
  const options = Object.fromEntries(
    names.map((name) => {
      const flag: Flag = flags[name];
      const type: "string" | "boolean" = flag.value === undefined ? "boolean" : "string";
      return [name, { type, ...(flag.short === undefined ? {} : { short: flag.short }) }];
    }),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** Flags of MassGen 0.0.7 whose job something else does. */
const formerFlags: Readonly<Record<string, string>> = {
  "create-samples": "massgen init --template NAME writes a config to start from.",
};

function knownFlag(name: string, written: string): FlagName {
  if (isFlag(name)) return name;
  if (Object.hasOwn(formerFlags, name)) throw usageError(`--${name} is not a flag any more.`, formerFlags[name]);
  const bare = written.replace(/^-+/, "").replace(/=.*/s, "");
  const meant = nearest(bare, names);
  throw usageError(`There is no flag ${written.replace(/=.*/s, "")}.`, meant === undefined ? asText(written) : `Did you mean --${meant}?`);
}

/** What holds a blank was hardly meant as a flag. */
function asText(written: string): string | undefined {
  return /\s/.test(written) ? `To ask this as a question: massgen -- "${written}"` : undefined;
}

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(flags, name);
}

function checkedValue(
  name: FlagName,
  token: { readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
): string | undefined {
  const wanted = (flags[name] as Flag).value;
  if (wanted === undefined) {
    if (token.value !== undefined) throw usageError(`--${name} takes no value.`);
    return undefined;
  }
  const swallowed = token.inlineValue !== true && token.value !== undefined && looksLikeFlag(token.value);
  if (token.value === undefined || token.value.trim() === "" || swallowed)
    throw usageError(`--${name} needs a value: --${name} ${wanted}.`);
  return token.value;
}

/** `--seed -5` has a value, `--config --json` has none. */
function looksLikeFlag(text: string): boolean {
  return text === "--" || /^-([hqy]|v+)$/.test(text) || (text.startsWith("--") && isFlag(text.slice(2).replace(/=.*/s, "")));
}
