import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { checkBackends } from "../../config/doctor/check-backends.ts";
import type { Check } from "../../config/doctor/check.ts";
import type { Surroundings } from "../../config/council.ts";
import { agentsFor, findBackends, proposedBackends } from "../../config/init/find-backends.ts";
import { configText } from "../../config/init/config-text.ts";
import { requireFree, writeFiles } from "../../config/init/write-files.ts";
import { readConfig } from "../../config/load-config.ts";
import type { AgentConfig } from "../../config/schema.ts";
import { templates } from "../../config/shipped-configs.ts";
import { MassgenError } from "../../core/errors.ts";
import { listed } from "../../core/listed.ts";
import { nearest } from "../../core/nearest.ts";
import type { Command } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import { planCouncil } from "../seat-council.ts";
import type { Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";

type Init = Extract<Command, { type: "init" }>;

/** What is to be written: a config, and keys for `.env`. */
export interface Draft {
  readonly agents: readonly AgentConfig[];
  readonly text: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** A look is over within this time, in milliseconds. */
const LOOK_MS = 3_000;

/**
 * Writes a config: from a template, from flags, by what is found here, or, at a terminal without any of that, by asking. Spends nothing: servers are
 * asked what they have. Returns the exit code.
 */
export async function init(command: Init, session: Session): Promise<number> {
  const { io, narrator } = session;
  const path = resolve(io.folder, command.file);
  requireFree({ path, force: command.force });
  const draft = await interruptible(io, (signal) => draftOf(command, session, signal));
  if (draft === undefined) {
    narrator.line({ tone: "plain", text: "Nothing was written." });
    return 4;
  }
  writeFiles({ path, text: draft.text, force: command.force }, draft.keys);
  const shown = relative(io.folder, path);
  io.stdout.write(`${shown}\n`);
  await io.stdout.flushed();
  narrator.line({
    tone: "plain",
    text: `Written: ${shown}${Object.keys(draft.keys).length > 0 ? ", and .env with its keys (keep it out of version control)" : ""}.`,
  });
  narrator.line({
    tone: "plain",
    text: `Next: massgen ${command.file === "massgen.yaml" ? "" : `--config ${command.file} `}"Why is the sky blue?"`,
  });
  return 0;
}

async function draftOf(command: Init, session: Session, signal: AbortSignal): Promise<Draft | undefined> {
  const { io, output } = session;
  const around = lookingOnly(surroundingsOf(session));
  if (command.template !== undefined) return checked(fromTemplate(command.template, io.environment), around, session, signal);
  const isAsked = !command.isSettled && !output.yes && io.stdin.kind === "terminal" && io.stderr.isTerminal;
  if (isAsked) return (await import("../init-wizard.ts")).askForDraft(around, session, signal);
  const agents = await proposed(command, around, signal);
  return checked({ agents, text: configText(agents), keys: {} }, around, session, signal);
}

/** Nothing is fetched, started or asked for a file. */
function lookingOnly(surroundings: Surroundings): Surroundings {
  return { ...surroundings, allow: async () => undefined, offer: async () => undefined };
}

export function fromTemplate(name: string, environment: Session["io"]["environment"]): Draft {
  const found = templates().findLast((template) => template.name === name.replaceAll("-", "_") || template.name === name);
  if (found === undefined) {
    const names = templates().map((template) => template.name);
    const meant = nearest(name, names);
    throw new MassgenError("usage", `There is no template "${name}".`, {
      hint: meant === undefined ? `There is ${listed(names)}.` : `Did you mean ${meant}?`,
    });
  }
  const text = readFileSync(found.path, "utf8");
  // A key that is not set yet keeps nobody from writing the file.
  const anyKey = new Proxy(environment, { get: (variables, variable: string) => variables[variable] ?? "" });
  const agents = readConfig(found.path, text, anyKey).agents.map(({ place: _place, ...agent }) => agent);
  return { agents, text, keys: {} };
}

async function proposed({ options, isNamed }: Init, around: Surroundings, signal: AbortSignal): Promise<readonly AgentConfig[]> {
  if (isNamed) {
    const { where: _nowhere, ...unconfigured } = around;
    return (await planCouncil({ ...options, isCloudAllowed: false }, unconfigured, signal)).plan.agents;
  }
  const found = await findBackends(around, signal);
  const backends = proposedBackends(found, { cloud: options.cloud === true, memoryBytes: around.memoryBytes });
  return agentsFor(backends, options.seed ?? 1, options.agents);
}

/** Says of every agent whether it could be asked today; what could not is a warning, since a file may be written ahead. */
async function checked(draft: Draft, around: Surroundings, { narrator, io }: Session, signal: AbortSignal): Promise<Draft> {
  for (const check of await checksOf(draft.agents, around, io.clock, signal)) {
    narrator.line({ tone: check.status === "ok" ? "plain" : "warning", text: checkText(check) });
  }
  return draft;
}

/** `agent "a": …` and what to do, a sentence each. */
export function checkText({ target, text, hint }: Check): string {
  const said = text.replace(/\.$/u, "");
  return [said.includes(target) ? `${said}.` : `${target}: ${said}.`, ...(hint === undefined ? [] : [hint])].join(" ");
}

export async function checksOf(
  agents: readonly AgentConfig[],
  around: Surroundings,
  clock: Session["io"]["clock"],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { checks } = await checkBackends(agents, { around, now: () => clock.now(), lookMs: LOOK_MS, signal });
  return checks;
}
