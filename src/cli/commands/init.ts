import { relative, resolve } from "node:path";
import type { Surroundings } from "../../config/council.ts";
import { checkBackends } from "../../config/doctor/check-backends.ts";
import type { Check } from "../../config/doctor/check.ts";
import { type CouncilLine, councilLines } from "../../config/init/council-lines.ts";
import { type Draft, draftWith, templateDraft } from "../../config/init/draft.ts";
import { proposedAgents, withoutSeed } from "../../config/init/find-backends.ts";
import { isLeftToGit } from "../../config/init/is-left-to-git.ts";
import type { WantedKey } from "../../config/init/wanted-keys.ts";
import { envFileOf, requireFree, writeFiles } from "../../config/init/write-files.ts";
import { runConfig } from "../../config/run-config.ts";
import { projectFile, runLayers } from "../../config/run-files.ts";
import type { AgentConfig } from "../../config/schema.ts";
import { MassgenError } from "../../core/errors.ts";
import { listed } from "../../core/listed.ts";
import { redactText } from "../../log/redaction.ts";
import { plainText } from "../../views/plain-text.ts";
import type { Command } from "../command.ts";
import { Interrupted, interruptible } from "../interruptible.ts";
import { planCouncil } from "../seat-council.ts";
import type { Wizard } from "../init-wizard.ts";
import type { Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";

type Init = Extract<Command, { type: "init" }>;

/** A look is over within this time, in milliseconds. */
const LOOK_MS = 3_000;
const INTERRUPTED = 4;

/**
 * Writes a config: from a template, from flags, by what is found here, or, at a terminal without any of that, by asking. Spends nothing: servers are
 * asked what they have. Returns the exit code.
 */
export async function init(command: Init, session: Session): Promise<number> {
  const { io, narrator } = session;
  const path = resolve(io.folder, command.file);
  requireFree({ path, force: command.force });
  const around = lookingOnly(surroundingsOf(session));
  const made = await unlessInterrupted(io, (signal) => makeDraft(command, { session, around, signal }));
  if (made === undefined) {
    narrator.line({ tone: "plain", text: "Nothing was written." });
    return INTERRUPTED;
  }
  writeFiles({ path, text: made.draft.text, force: command.force }, made.draft.keys);
  const isProject = (io.environment["MASSGEN_CONFIG"] ?? "") === "" && resolve(projectFile(io.folder) ?? "") === path;
  if (isProject) await trust(made.draft, around);
  await tell(path, { ...made, isProject }, session);
  return 0;
}

/** Undefined where somebody ended it. */
async function unlessInterrupted<Result>(io: Session["io"], work: (signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
  try {
    return await interruptible(io, work);
  } catch (error) {
    if (error instanceof Interrupted) return undefined;
    throw error;
  }
}

/** Nothing is fetched, started or asked for a file. */
function lookingOnly(surroundings: Surroundings): Surroundings {
  return { ...surroundings, allow: async () => undefined, offer: async () => undefined };
}

interface Looking {
  readonly session: Session;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
}

interface Made {
  readonly draft: Draft;
  /** What was found of its agents, where nobody has seen that yet. */
  readonly lines: readonly CouncilLine[];
}

/** Undefined where a person left. */
async function makeDraft(command: Init, looking: Looking): Promise<Made | undefined> {
  const { io, output } = looking.session;
  const isAsked = !command.isSettled && !output.yes && !output.json && io.stdin.kind === "terminal" && io.stderr.isTerminal;
  if (isAsked) {
    const draft = await askForDraft(command.file, looking);
    return draft && { draft, lines: [] };
  }
  const { environment } = looking.around;
  const draft = command.template === undefined ? await draftByFlags(command, looking) : templateDraft(command.template, environment);
  return { draft, lines: await lookAt(draft, looking) };
}

async function draftByFlags({ options, isNamed }: Init, { around, signal, session }: Looking): Promise<Draft> {
  if (isNamed) {
    const { where: _nowhere, ...unconfigured } = around;
    const { plan } = await planCouncil({ ...options, isCloudAllowed: false }, unconfigured, signal);
    return draftWith(plan.agents.map(withoutSeed));
  }
  const { agents, notices } = await proposedAgents(options, around, signal);
  for (const text of notices) session.narrator.line({ tone: "warning", text });
  return draftWith(agents);
}

async function askForDraft(file: string, { session, around, signal }: Looking): Promise<Draft | undefined> {
  const { askForDraft: askAtTerminal } = await import("../init-wizard.ts");
  return askAtTerminal({
    around,
    file,
    signal,
    async look(draft) {
      const environment = { ...around.environment, ...draft.keys };
      const lines = await lookAt(draft, { session, around: { ...around, environment }, signal });
      return lines.map((line) => `${line.status === "ok" ? "✓" : "!"} ${lineText(line)}`);
    },
    async tryKey(key, wanted) {
      session.secrets.add(key);
      return tryKey(key, wanted, { session, around, signal });
    },
  });
}

/** Asks for the list of models, which costs nothing. */
async function tryKey(key: string, { variable, backend }: WantedKey, looking: Looking): ReturnType<Wizard["tryKey"]> {
  const environment = { ...looking.around.environment, [variable]: key };
  const [check] = await checksOf([{ id: variable, backend }], { ...looking, around: { ...looking.around, environment } });
  if (check?.state === "refused") return { refused: check.text };
  return check?.state === "ready" ? {} : { doubt: `Whether it is right could not be found out: ${check?.text ?? "nobody was asked"}.` };
}

/** What there is to know of the agents of a draft. */
async function lookAt({ agents, notices }: Draft, looking: Looking): Promise<readonly CouncilLine[]> {
  const said = notices.map((text): CouncilLine => ({ agents: [], status: "warning", text }));
  return [...councilLines(agents, await checksOf(agents, looking)), ...said];
}

/** Whether the agents could be asked today, in their order. Servers may repeat keys in what they say. */
async function checksOf(agents: readonly AgentConfig[], { session, around, signal }: Looking): Promise<readonly Check[]> {
  const now = (): number => session.io.clock.now();
  const { checks } = await checkBackends(agents, { around, now, lookMs: LOOK_MS, signal });
  return checks.map((check) => ({ ...check, text: plainText(redactText(check.text, [...session.secrets])) }));
}

function lineText({ agents, text }: CouncilLine): string {
  return agents.length === 0 ? text : `${agents.join(", ")}: ${text}`;
}

/** Who writes a file for their own folder agrees to what it says; what is wrong with it the run will tell. */
async function trust({ keys }: Draft, around: Surroundings): Promise<void> {
  const environment = { ...around.environment, ...keys };
  const agreeing = { ...around, environment, allow: async () => true };
  try {
    await runConfig(
      runLayers({}, environment, around.where),
      { hasOwnAgents: false, isStrict: false },
      agreeing,
      new AbortController().signal,
    );
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
  }
}

async function tell(path: string, { draft, lines, isProject }: Made & { readonly isProject: boolean }, session: Session): Promise<void> {
  const { io, output, narrator } = session;
  const shown = relative(io.folder, path);
  const names = Object.keys(draft.keys);
  for (const line of lines) narrator.line({ tone: line.status === "ok" ? "plain" : "warning", text: lineText(line) });
  narrator.line({ tone: "plain", text: `Written: ${shown}${names.length === 0 ? "" : `, and .env beside it with ${listed(names)}`}.` });
  if (names.length > 0 && (await isLeftToGit(envFileOf(path)))) {
    narrator.line({
      tone: "warning",
      text: "Git does not ignore .env here: add it to .gitignore, so that no key gets into the repository.",
    });
  }
  narrator.line({ tone: "plain", text: `Next: massgen ${isProject ? "" : `--config ${quoted(shown)} `}"Why is the sky blue?"` });
  if (output.json) io.stdout.write(`${JSON.stringify({ config: path, agents: draft.agents.map(summary), checks: lines })}\n`);
  else if (!io.stdout.isTerminal) io.stdout.write(`${shown}\n`);
  await io.stdout.flushed();
}

function summary({ id, backend: { type, model } }: AgentConfig): object {
  return { id, type, ...(model !== undefined && { model }) };
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
