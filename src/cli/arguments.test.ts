import { describe, expect, test } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { quickAgents } from "../config/quick-setup.ts";
import { parseArguments } from "./arguments.ts";
import { flags } from "./flags.ts";
import { helpText } from "./help.ts";

const output = { json: false, level: "normal", noColor: false, yes: false };
const options = { attachments: [], dryRun: false, strict: false, noDisplay: false, noLogs: false };

/** One string, split at blanks; `'…'` keeps words together. */
const argv = (line: string): string[] => [...line.matchAll(/'([^']*)'|\S+/g)].map(([all, quoted]) => quoted ?? all);

function refusal(line: string): MassgenError {
  try {
    parseArguments(argv(line));
  } catch (error) {
    if (error instanceof MassgenError) return error;
    throw error;
  }
  throw new Error(`not refused: ${line}`);
}

describe("commands", () => {
  test.each([
    ["", { type: "ask", options, output }],
    ["''", { type: "ask", options, output }],
    ["'why is the sky blue?'", { type: "ask", question: "why is the sky blue?", options, output }],
    ["why is the sky blue?", { type: "ask", question: "why is the sky blue?", options, output }],
    ["hello", { type: "ask", question: "hello", options, output }],
    ["\u0007\u200B", { type: "ask", options, output }],
    ["how are you", { type: "ask", question: "how are you", options, output }],
    ["'show me the way'", { type: "ask", question: "show me the way", options, output }],
    ["-- runs", { type: "ask", question: "runs", options, output }],
    ["-- --json is what?", { type: "ask", question: "--json is what?", options, output }],
    ["--json -- resum", { type: "ask", question: "resum", options, output: { ...output, json: true } }],
    ["chat", { type: "chat", options, output }],
    ["chat --no-logs", { type: "chat", options: { ...options, noLogs: true }, output }],
    ["runs", { type: "runs", output }],
    ["--json runs", { type: "runs", output: { ...output, json: true } }],
    ["show abc", { type: "show", run: "abc", output }],
    ["show -- -abc", { type: "show", run: "-abc", output }],
    ["resume abc", { type: "resume", run: "abc", strict: false, noDisplay: false, output }],
    ["resume abc --config c.yaml --strict", { type: "resume", run: "abc", config: "c.yaml", strict: true, noDisplay: false, output }],
    ["models", { type: "list-models", output }],
    ["models list --engine ollama", { type: "list-models", engine: "ollama", output }],
    ["models ps", { type: "loaded-models", output }],
    ["models show qwen", { type: "show-model", model: "qwen", output }],
    ["models load qwen", { type: "load-model", model: "qwen", load: {}, output }],
    [
      "models load qwen --context 8192 --parallel 2 --ttl 10m",
      { type: "load-model", model: "qwen", load: { contextTokens: 8_192, slots: 2, ttlSeconds: 600 }, output },
    ],
    ["models unload qwen --engine http://127.0.0.1:1", { type: "unload-model", model: "qwen", engine: "http://127.0.0.1:1", output }],
    ["doctor", { type: "doctor", output }],
    ["doctor --config a.yaml --json", { type: "doctor", config: "a.yaml", output: { ...output, json: true } }],
    ["doctor --tune --engine ollama --model m", { type: "tune", engine: "ollama", model: "m", output }],
    ["models pull smollm2-135m", { type: "pull-model", source: "smollm2-135m", output }],
    ["engines add embedded --yes", { type: "add-engine", engine: "embedded", output: { ...output, yes: true } }],
    ["help", { type: "help" }],
    ["help show", { type: "help" }],
    ["show -h", { type: "help" }],
    ["--version runs", { type: "version" }],
    ["version", { type: "version" }],
  ])("%s", (line, command) => {
    expect(parseArguments(argv(line))).toEqual(command);
  });
});

describe("flags of a question", () => {
  test.each([
    ["--config a.yaml", { config: "a.yaml" }],
    ["--config=a.yaml", { config: "a.yaml" }],
    ["--backend LMStudio --model qwen", { backend: "lmstudio", model: "qwen" }],
    ["--base-url http://127.0.0.1:8000/v1", { baseUrl: "http://127.0.0.1:8000/v1" }],
    ["--system-message 'be brief'", { systemMessage: "be brief" }],
    ["--system-message '- be brief'", { systemMessage: "- be brief" }],
    ["--agents 3", { agents: 3 }],
    ["--models a", { named: [{ place: '--models, entry 1 ("a")', model: "a" }] }],
    ["--config a.yaml --model m --system-message s", { config: "a.yaml", model: "m", systemMessage: "s" }],
    ["--history h.json", { history: "h.json" }],
    ["--timeout 90", { timeoutMs: 90_000 }],
    ["--timeout 10m", { timeoutMs: 600_000 }],
    ["--timeout 1 --timeout 2", { timeoutMs: 2_000 }],
    ["--token-budget 5000", { tokenBudget: 5_000 }],
    ["--max-answers 1", { maxAnswers: 1 }],
    ["--seed -5", { seed: -5 }],
    ["--final-answer-strategy winner-reuse", { finalAnswerStrategy: "winner_reuse" }],
    ["--strict --no-display --no-logs", { strict: true, noDisplay: true, noLogs: true }],
  ])("%s", (line, expected) => {
    const command = parseArguments(argv(`${line} question`));
    expect(command).toEqual({ type: "ask", question: "question", options: { ...options, ...expected }, output });
  });
});

describe("output", () => {
  test.each([
    ["-q", { level: "quiet" }],
    ["--quiet", { level: "quiet" }],
    ["-v", { level: "verbose" }],
    ["--verbose", { level: "verbose" }],
    ["-vv", { level: "debug" }],
    ["-v -v -v", { level: "debug" }],
    ["--no-color", { noColor: true }],
    ["--log-file run.jsonl", { logFile: "run.jsonl" }],
    ["-y", { yes: true }],
  ])("%s", (line, expected) => {
    expect(parseArguments(argv(`${line} question`))).toMatchObject({ output: { ...output, ...expected } });
  });
});

describe("refused with one sentence", () => {
  test.each([
    ["--timout 5 q", "There is no flag --timout.", "--timeout"],
    ["--Config=x q", "There is no flag --Config.", "--config"],
    ["--banana", "There is no flag --banana.", "--help"],
    ["-config x", "There is no flag -config.", "--config"],
    ["-x", "There is no flag -x.", "--help"],
    ["'- so what?'", "There is no flag - so what?.", 'massgen -- "- so what?"'],
    ["--json=yes q", "--json takes no value.", "--help"],
    ["--config", "--config needs a value: --config FILE.", "--help"],
    ["--config --json q", "--config needs a value", "--help"],
    ["--config -- q", "--config needs a value", "--help"],
    ["--seed=", "--seed needs a value", "--help"],
    ["--seed banana q", '--seed takes a whole number, not "banana".', "--help"],
    ["--seed 1.5 q", "--seed takes a whole number", "--help"],
    ["--timeout 0 q", '--timeout takes a time above zero such as 90 (seconds), 90s, 10m or 1h, not "0".', "--help"],
    ["--max-answers -1 q", '--max-answers takes a whole number above zero, not "-1".', "--help"],
    ["--token-budget 99999999999999999999 q", "--token-budget takes", "--help"],
    ["--agents 101 q", "--agents takes a whole number from 1 to 100", "--help"],
    ["--base-url localhost:1234 q", "--base-url takes an address", "--help"],
    ["--final-answer-strategy best q", "--final-answer-strategy takes one of winner_present, winner_reuse, synthesize", "--help"],
    ["--config a --backend lmstudio q", "--config and --backend exclude each other.", "leave --config out"],
    ["--config a --models b q", "--config and --models exclude each other.", "leave --config out"],
    ["--config a --base-url http://b q", "--config and --base-url exclude each other.", "leave --config out"],
    ["--no-logs --log-file f q", "--no-logs and --log-file exclude each other.", "one of them"],
    ["--agents a --model b q", "--agents and --model exclude each other.", "list"],
    ["-q -v q", "--quiet and --verbose exclude each other.", "--help"],
    ["--backend chatcompletions q", 'did you mean "chatcompletion"', "--help"],
    ["--backend lm-studio q", 'did you mean "lmstudio"', "--help"],
    ["help me write", '"massgen help" knows nothing about "me".', 'massgen -- "help me write"'],
    ["--backend foo q", "this version has chatcompletion, lmstudio, llamacpp,", "--help"],
    ["runs --timeout 5", '--timeout means nothing to "massgen runs".', "--help"],
    ["runs --log-file f", '--log-file means nothing to "massgen runs".', "--help"],
    ["config list --profile p", '--profile means nothing to "massgen config list".', "--help"],
    ["engines add embedded --engine ollama", '--engine means nothing to "massgen engines add".', "--help"],
    ["resume", '"massgen resume" needs to know which: massgen resume RUN', "massgen runs"],
    ["show", '"massgen show" needs to know which: massgen show RUN', "massgen runs"],
    ["show me the way", '"massgen show" takes no more words', 'massgen -- "show me the way"'],
    ["runs a", '"massgen runs" takes no more words', 'massgen -- "runs a"'],
    ["models show", '"massgen models show" needs to know which', "models list"],
    ["models list --context 5", '--context means nothing to "massgen models list".', "--help"],
    ["models load x --context 0", '--context takes a whole number above zero, not "0".', "--help"],
    ["models load x --ttl soon", "--ttl takes a time above zero", "--help"],
    ["ask me --engine ollama", '--engine means nothing to "massgen ask".', "--help"],
    ["doctor --model m", '--model means something to "massgen doctor" only with --tune.', "--help"],
    ["doctor --tune --config a", "--tune and --config exclude each other.", "--engine"],
    ["doctor who", '"massgen doctor" takes no more words', 'massgen -- "doctor who"'],
    ["models pul x", '"massgen models" knows no "pul". Did you mean "pull"?', "massgen --"],
    ["models pull", '"massgen models pull" needs to know which', "models list"],
    ["engines add cuda", 'There is no engine "cuda" to add.', "engines add embedded"],
    ["resmue abc", 'There is no command "resmue". Did you mean "resume"?', 'massgen -- "resmue abc"'],
    ["run", 'There is no command "run". Did you mean "runs"?', 'massgen -- "run"'],
  ])("%s", (line, sentence, hint) => {
    const error = refusal(line);
    expect(error.code).toBe("usage");
    expect(error.message).toContain(sentence);
    expect(error.hint).toContain(hint);
  });

  test("a backend may be written with a hyphen, and no model of another backend is put into it (CLI-4)", () => {
    expect(parseArguments(["--backend", "claude-code", "q"])).toMatchObject({ options: { backend: "claude_code" } });
    expect(quickAgents({ backend: "claude_code", seed: 1 })).toEqual([{ id: "agent1", backend: { type: "claude_code" } }]);
  });
});

test("the help fits a screen and names every flag", () => {
  const lines = helpText.split("\n");
  expect(lines.length).toBeLessThan(60);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  for (const flag of ["--config", "--timeout", "--strict", "--log-file", "--yes"]) expect(helpText).toContain(flag);
});

test("CLI-2: every flag that the help names exists", () => {
  const named = [...helpText.matchAll(/--([a-z][a-z-]*)/gu)].map(([, name]) => name);
  expect(named.filter((name) => !Object.hasOwn(flags, name ?? ""))).toEqual([]);
});
