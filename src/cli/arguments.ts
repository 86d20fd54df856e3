import { askOptions } from "./ask-options.ts";
import type { Allowance, Command, Level, Output } from "./command.ts";
import { type Flag, flags, splitArguments, usageError, type Words } from "./flags.ts";
import { parseConfig } from "./parse-config.ts";
import { parseDoctor } from "./parse-doctor.ts";
import { parseInit } from "./parse-init.ts";
import { type ModelAction, modelActions, modelsCommand } from "./parse-models.ts";
import { isBlank } from "./question.ts";
import { suggest } from "./suggest.ts";

/** Reads `argv` (without node and script). Throws `MassgenError`: `usage` for what was mistyped, `config` for a backend that is still to come. */
export function parseArguments(argv: readonly string[]): Command {
  const parts = splitArguments(argv);
  if (parts.given.has("help")) return { type: "help" };
  if (parts.given.has("version")) return { type: "version" };
  const [first = ""] = parts.words;
  const parse = parts.verbatim || !Object.hasOwn(commands, first) ? ask : (commands[first as keyof typeof commands] ?? ask);
  return parse(parts);
}

/** By their first word. Each checks the words that follow it. */
const commands = {
  help({ words }: Words): Command {
    const [, topic] = words;
    if (topic === undefined || Object.hasOwn(commands, topic)) return { type: "help" };
    throw usageError(`"massgen help" knows nothing about "${topic}".${suggest(topic, Object.keys(commands))}`, asQuestion(words));
  },
  version: (): Command => ({ type: "version" }),
  chat(parts: Words): Command {
    expectWords(parts, ["chat"]);
    return { type: "chat", options: askOptions(parts), output: outputOf(parts, "chat") };
  },
  runs(parts: Words): Command {
    expectWords(parts, ["runs"]);
    return { type: "runs", output: outputOf(parts, "runs") };
  },
  show(parts: Words): Command {
    return { type: "show", run: expectWords(parts, ["show"], "RUN"), output: outputOf(parts, "show") };
  },
  resume(parts: Words): Command {
    const run = expectWords(parts, ["resume"], "RUN");
    const config = parts.given.get("config")?.value;
    const output = outputOf(parts, "resume");
    return {
      type: "resume",
      run,
      ...(config && { config }),
      strict: parts.given.has("strict"),
      noDisplay: parts.given.has("no-display"),
      output,
    };
  },
  models(parts: Words): Command {
    const action = (parts.words.length === 1 ? "list" : oneOf(parts, Object.keys(modelActions))) as ModelAction;
    const head = parts.words.length === 1 ? ["models"] : ["models", action];
    const name = expectWords(parts, head, modelActions[action]);
    return modelsCommand(action, name, parts, outputOf(parts, `models ${action}`));
  },
  doctor(parts: Words): Command {
    expectWords(parts, ["doctor"]);
    return parseDoctor(parts, outputOf(parts, "doctor"));
  },
  config(parts: Words): Command {
    const { words } = parts;
    return parseConfig(parts, outputOf(parts, `config ${words[1] ?? ""}`));
  },
  init: (parts: Words): Command => parseInit(parts, outputOf(parts, "init")),
  backends(parts: Words): Command {
    oneOf(parts, ["test"]);
    const config = parts.given.get("config")?.value;
    return { type: "test-backends", names: parts.words.slice(2), ...(config && { config }), output: outputOf(parts, "backends test") };
  },
  allow(parts: Words): Command {
    const what = oneOf(parts, ["cloud", "local"]) as Allowance;
    expectWords(parts, ["allow", what]);
    return { type: "allow", what, output: outputOf(parts, "allow") };
  },
  engines(parts: Words): Command {
    if (oneOf(parts, ["add", "try"]) === "try") {
      const model = expectWords(parts, ["engines", "try"], "MODEL");
      const where = parts.given.get("engine")?.value;
      return { type: "try-model", model, ...(where && { engine: where }), output: outputOf(parts, "engines try") };
    }
    const engine = expectWords(parts, ["engines", "add"], "embedded");
    if (engine !== "embedded")
      throw usageError(`There is no engine "${engine}" to add.`, "The one engine to add is: massgen engines add embedded");
    return { type: "add-engine", engine, output: outputOf(parts, "engines add") };
  },
};

const asQuestion = (words: readonly string[]): string => `To ask this as a question: massgen -- "${words.join(" ")}"`;

/** The command is `head` and, where it is named, one more word, which is returned. */
function expectWords(parts: Words, head: readonly string[], named?: string): string {
  const wanted = head.length + (named === undefined ? 0 : 1);
  const usage = ["massgen", ...head, ...(named === undefined ? [] : [named])].join(" ");
  if (parts.words.length < wanted) throw usageError(`"massgen ${head.join(" ")}" needs to know which: ${usage}`, hintFor(head));
  if (parts.words.length > wanted) throw usageError(`"massgen ${head.join(" ")}" takes no more words: ${usage}`, asQuestion(parts.words));
  return parts.words[head.length] ?? "";
}

function hintFor(head: readonly string[]): string | undefined {
  if (head[0] === "resume" || head[0] === "show") return "massgen runs lists the runs.";
  return head[0] === "models" ? "massgen models list shows what there is." : undefined;
}

function oneOf(parts: Words, choices: readonly string[]): string {
  const [head = "", word] = parts.words;
  if (word !== undefined && choices.includes(word)) return word;
  const all = choices.map((choice) => `massgen ${head} ${choice}`).join(", ");
  if (word === undefined) throw usageError(`"massgen ${head}" alone does nothing; there is: ${all}.`);
  throw usageError(`"massgen ${head}" knows no "${word}".${suggest(word, choices)} There is: ${all}.`, asQuestion(parts.words));
}

/** How many words a command has at most; more of them are a question that happens to begin like it. */
const longest: Readonly<Record<keyof typeof commands, number>> = {
  help: 1,
  version: 1,
  chat: 1,
  runs: 1,
  show: 2,
  resume: 2,
  models: 3,
  doctor: 1,
  config: 3,
  init: 2,
  backends: 2,
  allow: 2,
  engines: 3,
};

function ask(parts: Words): Command {
  const [first = ""] = parts.words;
  if (!parts.verbatim) {
    const fitting = Object.entries(longest).filter(([, most]) => parts.words.length <= most);
    const meant = suggest(
      first,
      fitting.map(([name]) => name),
    );
    if (meant !== "") throw usageError(`There is no command "${first}".${meant}`, asQuestion(parts.words));
  }
  const question = parts.words.join(" ").trim();
  return { type: "ask", ...(!isBlank(question) && { question }), options: askOptions(parts), output: outputOf(parts, "ask") };
}

function outputOf(parts: Words, command: string): Output {
  const { given } = parts;
  const [base = ""] = command.split(" ");
  for (const name of given.keys()) {
    const { commands } = flags[name] as Flag;
    if (commands !== undefined && !commands.includes(base) && !commands.includes(command))
      throw usageError(`--${name} means nothing to "massgen ${command}".`);
  }
  if (given.has("quiet") && given.has("verbose")) throw usageError("--quiet and --verbose exclude each other.");
  const logFile = given.get("log-file")?.value;
  return {
    json: given.has("json"),
    level: levelOf(given),
    noColor: given.has("no-color"),
    yes: given.has("yes"),
    ...(logFile && { logFile }),
  };
}

function levelOf(given: Words["given"]): Level {
  if (given.has("quiet")) return "quiet";
  const times = given.get("verbose")?.times ?? 0;
  return times === 0 ? "normal" : times === 1 ? "verbose" : "debug";
}
