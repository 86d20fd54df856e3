import { type BackendType, isBackendType, normalizeBackendName, whyNoBackend } from "../config/backend-names.ts";
import { parseDuration } from "../config/duration.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { FileSource } from "../files/read-source.ts";
import type { NamedAgent } from "../config/named-agents.ts";
import { type FlagName, usageError, type Words } from "./flags.ts";
import { agentFlags } from "./parse-agents.ts";

const finalAnswerStrategies = ["winner_present", "winner_reuse", "synthesize"] as const;

/** The flags of a question, read. */
export interface AskOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly backend?: BackendType;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly systemMessage?: string;
  /** How many. */
  readonly agents?: number;
  /** Files that go with the question; those of `--image` must be images. */
  readonly attachments: readonly Exclude<FileSource, { readonly data: unknown }>[];
  /** Several models, one for each agent. */
  readonly named?: readonly NamedAgent[];
  readonly history?: string;
  readonly timeoutMs?: number;
  readonly tokenBudget?: number;
  readonly maxAnswers?: number;
  readonly seed?: number;
  readonly finalAnswerStrategy?: (typeof finalAnswerStrategies)[number];
  /** Undefined: what the person has said once and for all. */
  readonly cloud?: boolean;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly noDisplay: boolean;
  readonly noLogs: boolean;
}

/** Throws `MassgenError`: `usage` for values that mean nothing, `config` for a backend that is still to come. */
export function askOptions(parts: Words): AskOptions {
  const text = (name: FlagName): string | undefined => parts.given.get(name)?.value;
  rejectExclusive(parts);
  const { named, agents } = agentFlags(parts);
  return withoutUndefined<AskOptions>({
    config: text("config"),
    profile: text("profile"),
    backend: read(parts, "backend", backendNamed, "the name of a backend"),
    model: text("model"),
    baseUrl: read(parts, "base-url", webAddress, "an address such as http://127.0.0.1:1234/v1"),
    systemMessage: text("system-message"),
    attachments: [
      ...(parts.given.get("image")?.values ?? []).map((path) => ({ path, mustBe: "image" as const })),
      ...(parts.given.get("file")?.values ?? []),
    ],
    named,
    agents,
    history: text("history"),
    timeoutMs: read(parts, "timeout", parseDuration, "a time above zero such as 90 (seconds), 90s, 10m or 1h"),
    tokenBudget: read(parts, "token-budget", (value) => wholeNumber(value, 1), "a whole number above zero"),
    maxAnswers: read(parts, "max-answers", (value) => wholeNumber(value, 1), "a whole number above zero"),
    seed: read(parts, "seed", (value) => wholeNumber(value, Number.MIN_SAFE_INTEGER), "a whole number"),
    finalAnswerStrategy: read(parts, "final-answer-strategy", finalAnswerNamed, `one of ${finalAnswerStrategies.join(", ")}`),
    cloud: parts.given.has("cloud") ? true : undefined,
    dryRun: parts.given.has("dry-run"),
    strict: parts.given.has("strict"),
    noDisplay: parts.given.has("no-display"),
    noLogs: parts.given.has("no-logs"),
  });
}

const IN_THE_FILE = "Put it into the file, or leave --config out.";

/** Of each pair one would be ignored in silence. */
const exclusive: readonly (readonly [one: FlagName, other: FlagName, hint: string])[] = [
  ["config", "cloud", "A config names the clouds it uses itself."],
  ["config", "backend", IN_THE_FILE],
  ["config", "base-url", IN_THE_FILE],
  ["config", "agents", IN_THE_FILE],
  ["config", "models", IN_THE_FILE],
  ["no-logs", "log-file", "Leave one of them out."],
];

function rejectExclusive({ given }: Words): void {
  for (const [one, other, hint] of exclusive) {
    if (given.has(one) && given.has(other)) throw usageError(`--${one} and --${other} exclude each other.`, hint);
  }
}

function read<Value>(parts: Words, name: FlagName, parse: (text: string) => Value | undefined, wanted: string): Value | undefined {
  const text = parts.given.get(name)?.value;
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw usageError(`--${name} takes ${wanted}, not "${text}".`);
  return value;
}

function wholeNumber(text: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

function webAddress(text: string): string | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
}

function finalAnswerNamed(text: string): AskOptions["finalAnswerStrategy"] {
  return finalAnswerStrategies.find((name) => name === text.toLowerCase().replaceAll("-", "_"));
}

function backendNamed(text: string): BackendType {
  const name = normalizeBackendName(text);
  if (isBackendType(name)) return name;
  throw usageError(`--backend: ${whyNoBackend(name) ?? ""}.`);
}
