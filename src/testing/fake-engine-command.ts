#!/usr/bin/env node
import { parseArgs } from "node:util";
import { nearest } from "../core/nearest.ts";
import type { FakeEngine, FakeEngineOptions } from "./fake-engines/fake-engine.ts";
import { startFakeLlamaCpp } from "./fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "./fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "./fake-engines/ollama/start-fake-ollama.ts";
import { startFakeSglang } from "./fake-engines/sglang/start-fake-sglang.ts";
import { startFakeVllm } from "./fake-engines/vllm/start-fake-vllm.ts";

const OPTIONS = {
  port: { type: "string" },
  model: { type: "string", multiple: true },
  slots: { type: "string" },
  context: { type: "string" },
  "load-ms": { type: "string" },
  "tokens-per-second": { type: "string" },
  "prompt-tokens-per-second": { type: "string" },
  "api-key": { type: "string" },
  "max-loaded": { type: "string" },
  help: { type: "boolean" },
} as const;

interface Kind {
  readonly start: (options: FakeEngineOptions) => Promise<FakeEngine>;
  /** Where the real one listens. */
  readonly port: number;
  /** Options that the real one has nothing for. */
  readonly without: readonly (keyof typeof OPTIONS)[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  lmstudio: { start: startFakeLmStudio, port: 1234, without: [] },
  ollama: { start: startFakeOllama, port: 11_434, without: ["api-key"] },
  llamacpp: { start: startFakeLlamaCpp, port: 8080, without: [] },
  vllm: { start: startFakeVllm, port: 8000, without: ["max-loaded"] },
  sglang: { start: startFakeSglang, port: 30_000, without: ["max-loaded"] },
};

const HELP = `massgen-fake-engine ${Object.keys(KINDS).join("|")} [options]: a pretended engine on 127.0.0.1, to try a config without a GPU.

  --port N                      0 for any free one; by default where the real engine listens
  --model ID                    a model that it has; may be repeated
  --slots N                     requests at once
  --context N                   tokens of context
  --load-ms N                   milliseconds that loading takes
  --tokens-per-second N         speed of writing
  --prompt-tokens-per-second N  speed of reading
  --api-key K                   a key that requests must carry
  --max-loaded N                models in memory at once
`;

/** What the person can put right. */
class UsageError extends Error {}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
}

type Parsed = ReturnType<typeof parse>;
type Values = Parsed["values"];

function read(argv: readonly string[]): Parsed {
  try {
    return parse(argv);
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), { cause: error });
  }
}

function kindOf({ positionals: names, values }: Parsed): Kind {
  const [name, ...more] = names;
  const all = Object.keys(KINDS).join(", ");
  if (name === undefined || more.length > 0) throw new UsageError(`Name one engine to pretend: ${all}`);
  const meant = nearest(name, Object.keys(KINDS));
  const kind = KINDS[name];
  if (kind === undefined)
    throw new UsageError(`There is no engine "${name}"; ${meant === undefined ? `there are ${all}` : `did you mean "${meant}"?`}`);
  const unknown = kind.without.find((option) => values[option] !== undefined);
  if (unknown !== undefined) throw new UsageError(`${name} has nothing like --${unknown}`);
  return kind;
}

function numberOf(values: Values, name: keyof Values, { least = 1, most = Infinity } = {}): number | undefined {
  const text = values[name];
  if (typeof text !== "string") return undefined;
  const number = Number(text);
  const sensible = /^\d+(\.\d+)?$/u.test(text) && number >= least && number <= most;
  if (!sensible) throw new UsageError(`--${name} needs a number from ${least}${most === Infinity ? "" : ` to ${most}`}, not "${text}"`);
  return number;
}

function optionsOf(values: Values, kind: Kind): FakeEngineOptions & { readonly port: number } {
  const given = {
    models: values.model,
    apiKey: values["api-key"],
    slots: numberOf(values, "slots"),
    contextTokens: numberOf(values, "context"),
    loadMs: numberOf(values, "load-ms", { least: 0 }),
    tokensPerSecond: numberOf(values, "tokens-per-second"),
    promptTokensPerSecond: numberOf(values, "prompt-tokens-per-second"),
    maxLoaded: numberOf(values, "max-loaded"),
  };
  const port = numberOf(values, "port", { least: 0, most: 65_535 }) ?? kind.port;
  return { ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as FakeEngineOptions), port };
}

async function start(kind: Kind, options: FakeEngineOptions & { readonly port: number }): Promise<FakeEngine> {
  try {
    return await kind.start(options);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw new UsageError(`Port ${options.port} of 127.0.0.1 is taken; stop what listens there or choose another with --port`, {
      cause: error,
    });
  }
}

async function main(): Promise<void> {
  const parsed = read(process.argv.slice(2));
  const { values, positionals } = parsed;
  if (values.help === true) return void process.stdout.write(HELP);
  const kind = kindOf(parsed);
  const engine = await start(kind, optionsOf(values, kind));
  process.stdout.write(`${positionals[0]} is pretended at ${engine.origin}\n`);
  const end = (): void => void engine.close();
  process.once("SIGINT", end).once("SIGTERM", end);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`massgen-fake-engine: ${error.message}\n`);
  process.exitCode = 1;
}
