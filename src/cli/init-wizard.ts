import { note, password, select, multiselect, isCancel, intro, outro, log } from "@clack/prompts";
import { agentsFor, findBackends, type Found, proposedBackends } from "../config/init/find-backends.ts";
import { clouds } from "../config/cloud-backends.ts";
import { configText } from "../config/init/config-text.ts";
import type { Surroundings } from "../config/council.ts";
import { placeOf } from "../config/place-of.ts";
import type { BackendConfig } from "../config/schema.ts";
import { templates } from "../config/shipped-configs.ts";
import { checksOf, type Draft, fromTemplate } from "./commands/init.ts";
import type { Session } from "./session.ts";

/** What was chosen so far. */
interface Chosen {
  readonly start?: "local" | "cloud" | "both" | "template";
  readonly template?: string;
  readonly backends: readonly BackendConfig[];
  readonly keys: Readonly<Record<string, string>>;
  readonly count?: number;
}

interface Asking {
  readonly found: Found;
  readonly around: Surroundings;
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly dialog: Dialog;
}

/** One question, or nothing where the answers so far leave nothing to ask. `back` goes to the question before. */
type Step = (chosen: Chosen, asking: Asking) => Promise<Chosen | "back" | "leave" | "skip">;

const steps: readonly Step[] = [askStart, askTemplate, askModels, askClouds, askCount, askWhetherToWrite];

/** Asks a person at the terminal for a council. Undefined where they leave: then nothing is to be written. */
export async function askForDraft(around: Surroundings, session: Session, signal: AbortSignal): Promise<Draft | undefined> {
  const dialog = createDialog();
  try {
    intro("A council for massgen. Esc goes back, Ctrl-C leaves and writes nothing.", { output: process.stderr });
    const found = await findBackends(around, signal);
    const asking: Asking = { found, around, session, signal, dialog };
    const path: Chosen[] = [{ backends: [], keys: {} }];
    const asked: number[] = [];
    for (let at = 0; at < steps.length;) {
      const chosen = path.at(-1) as Chosen;
      const answer = await (steps[at] as Step)(chosen, asking);
      if (answer === "leave") return undefined;
      if (answer === "skip") at += 1;
      else if (answer === "back") {
        at = asked.pop() ?? 0;
        if (path.length > 1) path.pop();
      } else {
        asked.push(at);
        path.push(answer);
        at += 1;
      }
    }
    return draftOf(path.at(-1) as Chosen, session);
  } finally {
    dialog.close();
  }
}

function draftOf({ template, backends, keys, count }: Chosen, { io }: Session): Draft {
  if (template !== undefined) return { ...fromTemplate(template, io.environment), keys };
  const agents = agentsFor(backends, 1, count);
  return { agents, text: configText(agents), keys };
}

async function askStart(chosen: Chosen, { found, dialog }: Asking): ReturnType<Step> {
  const models = found.models.length;
  const engines = found.engines.map(({ title }) => title).join(", ");
  const keys = found.clouds.map(({ variable }) => variable).join(", ");
  const start = await dialog.ask((common) =>
    select({
      ...common,
      message: "Where should it think?",
      options: [
        {
          value: "local" as const,
          label: "On this machine",
          hint: models > 0 ? `${models} models in ${engines}` : "no engine answers: the one inside massgen, or start one",
        },
        { value: "cloud" as const, label: "In the cloud", hint: keys === "" ? "no key is set: you can give one" : keys },
        { value: "both" as const, label: "Both" },
        { value: "template" as const, label: "From a template", hint: "research, coding, creative, …" },
      ],
    }),
  );
  return typeof start === "object" ? { ...chosen, start: start.value } : start;
}

async function askTemplate(chosen: Chosen, { dialog }: Asking): ReturnType<Step> {
  if (chosen.start !== "template") return "skip";
  const options = templates().map(({ name }) => ({ value: name, label: name }));
  const template = await dialog.ask((common) => select({ ...common, message: "Which one?", options, maxItems: 12 }));
  return typeof template === "object" ? { ...chosen, template: template.value } : template;
}

async function askModels(chosen: Chosen, { found, around, dialog }: Asking): ReturnType<Step> {
  if (chosen.start !== "local" && chosen.start !== "both") return "skip";
  if (found.models.length === 0) {
    log.info("No engine with a model answers on this machine: the one inside massgen is taken, and asks before it fetches anything.", {
      output: process.stderr,
    });
    return "skip";
  }
  const proposed = proposedBackends(found, { cloud: false, memoryBytes: around.memoryBytes });
  const models = await dialog.ask((common) =>
    multiselect({
      ...common,
      message: "Which models?",
      options: found.models.map(({ id, place, isLoaded, backend }) => ({
        value: backend,
        label: id,
        hint: `${place.title}${isLoaded ? ", in memory" : ""}`,
      })),
      initialValues: found.models.flatMap(({ backend }) => (proposed.includes(backend) ? [backend] : [])),
    }),
  );
  return typeof models === "object" ? { ...chosen, backends: models.value } : models;
}

async function askClouds(chosen: Chosen, asking: Asking): ReturnType<Step> {
  if (chosen.start !== "cloud" && chosen.start !== "both") return "skip";
  const { found, dialog } = asking;
  const set = new Set(found.clouds.map(({ variable }) => variable));
  const options = clouds.map(({ variables, backend }) => ({
    value: backend,
    label: `${backend.type === "chatcompletion" ? new URL(backend.base_url ?? "").host : backend.type} (${backend.model})`,
    hint: variables.some((variable) => set.has(variable)) ? "its key is set" : "asks for a key",
  }));
  const initialValues = clouds.flatMap(({ variables, backend }) => (variables.some((variable) => set.has(variable)) ? [backend] : []));
  const picked = await dialog.ask((common) =>
    multiselect({ ...common, message: "Which clouds? What you ask goes to them.", options, initialValues }),
  );
  if (typeof picked !== "object") return picked;
  let { keys } = chosen;
  for (const { variables, backend } of clouds.filter(({ backend }) => picked.value.includes(backend))) {
    const [variable = ""] = variables;
    if (variables.some((name) => set.has(name)) || keys[variable] !== undefined) continue;
    const key = await askKey(variable, backend, asking);
    if (typeof key !== "object") return key === "back" ? askClouds(chosen, asking) : key;
    keys = { ...keys, [variable]: key.value };
  }
  return { ...chosen, keys, backends: [...chosen.backends, ...picked.value] };
}

/** Until the cloud takes it: it is asked for its list of models, which costs nothing. */
async function askKey(variable: string, backend: BackendConfig, { dialog, around, session, signal }: Asking): Promise<Answer<string>> {
  for (;;) {
    const key = await dialog.ask((common) =>
      password({
        ...common,
        message: `${variable} (kept in .env here, for you alone)`,
        validate: (text) => (text?.trim() ? undefined : "A key is needed; Esc goes back."),
      }),
    );
    if (typeof key !== "object") return key;
    session.secrets.add(key.value.trim());
    const environment = { ...around.environment, [variable]: key.value.trim() };
    const [check] = await checksOf(
      [{ id: new URL(placeOf(backend, environment).baseUrl).host, backend }],
      { ...around, environment },
      session.io.clock,
      signal,
    );
    if (check?.state !== "refused") return { type: "answer", value: key.value.trim() };
    log.error(`${check.text}. Another one?`, { output: process.stderr });
  }
}

async function askCount(chosen: Chosen, { dialog }: Asking): ReturnType<Step> {
  if (chosen.template !== undefined) return "skip";
  const least = Math.max(1, chosen.backends.length);
  const counts = [...new Set([least, 2, 3, 4, 5])].filter((count) => count >= least).toSorted((one, other) => one - other);
  const count = await dialog.ask((common) =>
    select({
      ...common,
      message: "How many agents?",
      options: counts.map((value) => ({ value, label: String(value), ...(value === 1 && { hint: "no voting" }) })),
      initialValue: Math.max(3, least),
    }),
  );
  return typeof count === "object" ? { ...chosen, count: count.value } : count;
}

async function askWhetherToWrite(chosen: Chosen, { around, session, signal, dialog }: Asking): ReturnType<Step> {
  const { agents, keys } = draftOf(chosen, session);
  const environment = { ...around.environment, ...keys };
  const checks = await checksOf(agents, { ...around, environment }, session.io.clock, signal);
  note(checks.map(({ target, status, text }) => `${status === "ok" ? "✓" : "!"} ${target}: ${text}`).join("\n"), "Your council", {
    output: process.stderr,
  });
  const yes = await dialog.ask((common) =>
    select({
      ...common,
      message: "Write it?",
      options: [
        { value: true, label: "Yes" },
        { value: false, label: "No, go back" },
      ],
    }),
  );
  if (typeof yes !== "object") return yes;
  if (yes.value) outro("Done.", { output: process.stderr });
  return yes.value ? chosen : "back";
}

type Answer<Value> = { readonly type: "answer"; readonly value: Value } | "back" | "leave";

interface Common {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Questions on the terminal itself, which the prompts draw over. */
interface Dialog {
  ask<Value>(put: (common: Common) => Promise<Value>): Promise<Answer<Exclude<Value, symbol>>>;
  close(): void;
}

/** The prompts tell Esc and Ctrl-C alike; which of them it was the keyboard says. */
function createDialog(): Dialog {
  let isEscape = false;
  const listen = (_text: unknown, key: { readonly name?: string } | undefined): void => void (isEscape = key?.name === "escape");
  process.stdin.on("keypress", listen);
  return {
    async ask<Value>(put: (common: Common) => Promise<Value>) {
      const value = await put({ input: process.stdin, output: process.stderr });
      if (!isCancel(value)) return { type: "answer" as const, value: value as Exclude<Value, symbol> };
      return isEscape ? "back" : "leave";
    },
    close: () => void process.stdin.off("keypress", listen),
  };
}
