import { intro, log, multiselect, password, select } from "@clack/prompts";
import { clouds } from "../config/cloud-backends.ts";
import type { Surroundings } from "../config/council.ts";
import { agentCounts, type Answers, draftOf, keysToAsk, type Question, questionAfter, questionBefore } from "../config/init/answers.ts";
import type { Draft } from "../config/init/draft.ts";
import { type EmbeddedChoice, embeddedChoices } from "../config/init/embedded-choices.ts";
import { findBackends, type Found, proposedModels } from "../config/init/find-backends.ts";
import type { WantedKey } from "../config/init/wanted-keys.ts";
import { knownCloudAt } from "../config/known-clouds.ts";
import type { BackendConfig } from "../config/schema.ts";
import { templates } from "../config/shipped-configs.ts";
import { wrapped } from "../views/table.ts";
import { aboutOf } from "../config/about-config.ts";
import { backends, isCloudType } from "../models/backends/backends.ts";
import { requireSendable } from "../models/backends/require-sendable.ts";
import { type Answer, type Dialog, openDialog } from "./dialog.ts";

/** What the wizard needs besides a terminal. */
export interface Wizard {
  readonly around: Surroundings;
  /** The name of the file, for sentences. */
  readonly file: string;
  /** A line for each thing to know of a council, with `✓` or `!`; asks its servers what they have. */
  readonly look: (draft: Draft) => Promise<readonly string[]>;
  /** Why this key is not taken, or why nobody knows; neither where it is. Spends nothing. */
  readonly tryKey: (key: string, wanted: WantedKey) => Promise<{ readonly refused?: string; readonly doubt?: string }>;
  readonly signal: AbortSignal;
}

interface Asking extends Wizard {
  readonly found: Found;
  readonly embedded: readonly EmbeddedChoice[];
  readonly dialog: Dialog;
}

/** Everything but the answer itself is on standard error. */
const onError = { output: process.stderr };

/** Asks a person at the terminal for a council. Undefined where they leave: then nothing is to be written. */
export async function askForDraft(wizard: Wizard): Promise<Draft | undefined> {
  const { around, signal } = wizard;
  const dialog = openDialog(signal);
  try {
    intro("A council for massgen. Esc goes back, Ctrl-C leaves and writes nothing.", onError);
    const found = await findBackends(around, signal);
    for (const text of found.notices) tell("warn", text);
    const asking: Asking = { ...wizard, found, embedded: embeddedChoices(around.folders.models, around.memoryBytes), dialog };
    let answers: Answers = { keys: {} };
    let question: Question | undefined = "start";
    while (question !== undefined) {
      const answer: Answer<Answers> = await ask[question](answers, asking);
      if (answer === "leave") return undefined;
      if (answer !== "back") answers = answer.value;
      question = (answer === "back" ? questionBefore : questionAfter)(question, answers, around.environment);
    }
    return draftOf(answers, around.environment);
  } finally {
    dialog.close();
  }
}

/** The line that prompts draw along, and a blank. */
const MARGIN = 4;

function tell(kind: "step" | "warn" | "error", text: string): void {
  log[kind](wrapped(text, process.stderr.columns - MARGIN).join("\n"), onError);
}

type Ask = (answers: Answers, asking: Asking) => Promise<Answer<Answers>>;

const ask: Readonly<Record<Question, Ask>> = {
  async start(answers, { found, dialog }) {
    const keys = found.clouds.map(({ variable }) => variable).join(", ");
    const isCloud = found.models.length === 0 && keys !== "";
    const start = await dialog.ask((common) =>
      select({
        ...common,
        message: "Where should it think?",
        options: [
          { value: "local" as const, label: "On this machine", hint: localHint(found) },
          { value: "cloud" as const, label: "In the cloud", hint: keys === "" ? "no key is set yet: it is asked for" : `found ${keys}` },
          { value: "both" as const, label: "Both" },
          { value: "template" as const, label: "As a template says", hint: "research, coding, creative, …" },
        ],
        initialValue: answers.start ?? (isCloud ? "cloud" : "local"),
      }),
    );
    return withAnswer(start, (value) => ({ ...answers, start: value }));
  },

  async template(answers, { dialog }) {
    const options = templates().map(({ name, path }) => ({ value: name, label: name, hint: aboutOf(path) }));
    const initial = answers.template ?? "research";
    const template = await dialog.ask((common) =>
      select({ ...common, message: "Which one?", options, initialValue: initial, maxItems: 12 }),
    );
    return withAnswer(template, (value) => ({ ...answers, template: value }));
  },

  async models(answers, asking) {
    const { found, around, dialog } = asking;
    if (found.models.length === 0) return askEmbedded(answers, asking);
    const models = await dialog.ask((common) =>
      multiselect({
        ...common,
        message: "Which models?",
        options: found.models.map(({ id, place, isLoaded, backend }) => ({
          value: backend,
          label: id,
          hint: `${place.title}${isLoaded ? ", in memory" : ""}`,
        })),
        initialValues: answers.models ?? proposedModels(found, around.memoryBytes),
        maxItems: 12,
      }),
    );
    return withAnswer(models, (value) => ({ ...answers, models: value }));
  },

  async clouds(answers, { found, dialog }) {
    const set = new Set(found.clouds.map(({ backend }) => backend));
    const picked = await dialog.ask((common) =>
      multiselect({
        ...common,
        message: "Which clouds? What you ask goes to them.",
        options: clouds.map(({ backend }) => ({
          value: backend,
          label: `${titleOf(backend)}: ${backend.model}`,
          hint: set.has(backend) ? "its key is set" : "asks for a key",
        })),
        initialValues: answers.clouds ?? [...set],
      }),
    );
    return withAnswer(picked, (value) => ({ ...answers, clouds: value }));
  },

  async keys(answers, asking) {
    let { keys } = answers;
    for (const wanted of keysToAsk(answers, asking.around.environment)) {
      const key = await askKey(wanted, asking);
      if (typeof key !== "object") return key;
      keys = { ...keys, [wanted.variable]: key.value };
    }
    return { type: "answer", value: { ...answers, keys } };
  },

  async count(answers, { dialog }) {
    const { counts, usual } = agentCounts(answers);
    const count = await dialog.ask((common) =>
      select({
        ...common,
        message: "How many agents?",
        options: counts.map((value) => ({ value, label: String(value) })),
        initialValue: usual,
      }),
    );
    return withAnswer(count, (value) => ({ ...answers, count: value }));
  },

  async write(answers, { around, file, look, dialog }) {
    const draft = draftOf(answers, around.environment);
    tell("step", ["Your council:", ...(await look(draft))].join("\n"));
    const names = Object.keys(draft.keys);
    const yes = await dialog.ask((common) =>
      select({
        ...common,
        message: `Write ${file}${names.length === 0 ? "" : `, and .env with ${names.join(", ")}`}?`,
        options: [
          { value: true, label: "Yes" },
          { value: false, label: "No, go back" },
        ],
      }),
    );
    return typeof yes === "object" && !yes.value ? "back" : withAnswer(yes, () => answers);
  },
};

function withAnswer<Value>(answer: Answer<Value>, take: (value: Value) => Answers): Answer<Answers> {
  return typeof answer === "object" ? { type: "answer", value: take(answer.value) } : answer;
}

function localHint({ models, engines }: Found): string {
  const titles = engines.map(({ title }) => title).join(", ");
  if (models.length > 0) return `${models.length === 1 ? "one model" : `${models.length} models`} in ${titles || "a server here"}`;
  return engines.length > 0 ? `${titles} has no model yet: the engine inside massgen` : "no engine answers: the one inside massgen";
}

function titleOf({ type, base_url: baseUrl }: BackendConfig): string {
  if (isCloudType(type)) return backends[type].title;
  return (baseUrl === undefined ? undefined : knownCloudAt(baseUrl)?.title) ?? type;
}

/** The engine inside massgen, where no other has a model. */
async function askEmbedded(answers: Answers, { embedded, dialog }: Asking): Promise<Answer<Answers>> {
  const model = await dialog.ask((common) =>
    select({
      ...common,
      message: "No engine has a model here. Which one shall massgen run by itself?",
      options: embedded.map(({ backend, about }) => ({ value: backend, label: backend.model ?? "", hint: about })),
      ...(answers.models?.[0] !== undefined && { initialValue: answers.models[0] }),
    }),
  );
  return withAnswer(model, (value) => ({ ...answers, models: [value] }));
}

/** Until the cloud takes it. */
async function askKey(wanted: WantedKey, { dialog, tryKey }: Asking): Promise<Answer<string>> {
  for (;;) {
    const answer = await dialog.ask((common) =>
      password({
        ...common,
        message: `${wanted.variable} of ${titleOf(wanted.backend)} (kept in .env, for you alone; empty: set later)`,
        validate: (text) => whyNotSent(text ?? ""),
      }),
    );
    if (typeof answer !== "object") return answer;
    const key = (answer.value ?? "").trim();
    if (key === "") return { type: "answer", value: "" };
    const { refused, doubt } = await tryKey(key, wanted);
    if (doubt !== undefined) tell("warn", doubt);
    if (refused === undefined) return { type: "answer", value: key };
    tell("error", `${refused}. Another one?`);
  }
}

function whyNotSent(key: string): string | undefined {
  try {
    requireSendable(key.trim(), "this key");
    return undefined;
  } catch {
    return "This holds characters that no key has.";
  }
}
