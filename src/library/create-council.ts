import { randomInt, randomUUID } from "node:crypto";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { z } from "zod";
import { readRungs } from "../core/ballots/read-rungs.ts";
import { MassgenError } from "../core/errors.ts";
import type { FactOf, RunEvent } from "../core/facts.ts";
import type { RunEnded } from "../core/facts/run.ts";
import type { AgentTool, settingsSchema, Turn } from "../core/facts/settings.ts";
import { runStarted } from "../core/start-run.ts";
import type { RunState } from "../core/state.ts";
import { checkTakers } from "../files/check-takers.ts";
import { requireBlobs } from "../files/require-blobs.ts";
import type { FileSource } from "../files/read-source.ts";
import type { TakenFile } from "../files/take-in.ts";
import { type Blobs, createMemoryBlobs } from "../log/blobs.ts";
import type { EventLog } from "../log/event-log.ts";
import { createMemoryLog } from "../log/memory-log.ts";
import { withRedaction } from "../log/redaction.ts";
import { type Clock, systemClock } from "../models/clock.ts";
import type { CouncilModel } from "../models/model.ts";
import type { Frame } from "../run/frames.ts";
import { Run, type RunEnvironment } from "../run/run.ts";
import { type EndedRun, resumeRun, startRun } from "../run/start-run.ts";
import type { Tool, ToolSource } from "../tools/tool.ts";
import { agentTools, createToolbox, type Toolbox } from "../tools/toolbox.ts";
import { councilModel } from "./council-model.ts";
import { modelsInRun, type RunModels } from "./run-models.ts";
import { withFiles } from "./with-files.ts";

/** A seat on a council: a name for people, a model, and what makes this seat special. */
export interface Seat {
  /** Default: `agent1`, `agent2`, … by position. */
  readonly id?: string;
  /** A model made by one of our backends, or any AI SDK language model. */
  readonly model: CouncilModel | LanguageModelV4;
  /** The persona (`system_message` in config files): part of every prompt of this agent. */
  readonly systemMessage?: string;
  /** What its model may have done: functions, and what servers offer. A source that several seats name is shared. */
  readonly tools?: readonly (Tool | ToolSource)[];
}

export interface CouncilOptions {
  readonly seats: readonly Seat[];
  /** Bounds, voting, presentation, prompt texts; what is absent has its default. */
  readonly settings?: z.input<typeof settingsSchema>;
  /** Where runs are kept; in memory by default. */
  readonly log?: EventLog;
  /** Where the contents of attached files are kept; in memory by default. A run is resumed with those of the process that began it. */
  readonly blobs?: Blobs;
  /** Keys and other texts that must not get into the log. */
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
}

export interface AskOptions {
  /** What was said before, oldest first. */
  readonly history?: readonly Turn[];
  /**
   * Files that go with the question: paths, contents, or what `takeIn` gave. With paths or contents the run begins once they are checked; for
   * what cannot be taken, or read by any model, it rejects with a `MassgenError`.
   */
  readonly attachments?: readonly (FileSource | TakenFile)[];
  /** A 32-bit integer; labels and waits derive from it. Random by default. */
  readonly seed?: number;
  readonly runId?: string;
  /** What a person should know of this run; kept in its log and shown with it. */
  readonly notices?: readonly Omit<FactOf<"notice">, "type">[];
  /** Kept with the run for whoever resumes it; no secrets. */
  readonly setup?: Readonly<Record<string, unknown>>;
  /** Ends the run with the leading answer. */
  readonly signal?: AbortSignal;
}

export interface RunResult extends RunEnded {
  readonly runId: string;
  /** What became of what agents left behind, such as files: a sentence each, for people. */
  readonly afterwards: readonly string[];
}

/** A run under way: iterate it for its frames, await `result` for its end. */
export interface CouncilRun extends AsyncIterable<Frame> {
  readonly runId: string;
  /** Rejects with a `MassgenError` only when files cannot be taken or the log cannot be written; a failed council is a result. */
  readonly result: Promise<RunResult>;
  /** Ends the run; the leading answer is its result. */
  stop(): void;
}

export interface Council {
  /** Begins a run and returns at once. */
  ask(question: string, options?: AskOptions): CouncilRun;
  /** Goes on with a run whose process died; one that has ended yields its end and costs nothing. Throws `run-unknown`, `run-live`. */
  resume(runId: string, options?: Pick<AskOptions, "signal">): CouncilRun;
  events(runId: string): readonly RunEvent[];
  /** Gives models, sources of tools and connections back; the log stays its owner's. */
  close(): Promise<void>;
}

/** Seats a council. Throws `config` for no seats, empty or repeated ids. */
export function createCouncil(options: CouncilOptions): Council {
  const seats = options.seats.map((seat, index) => ({
    id: seat.id ?? `agent${index + 1}`,
    persona: seat.systemMessage,
    model: "languageModel" in seat.model ? seat.model : councilModel(seat.model),
    tools: seat.tools ?? [],
  }));
  checkIds(seats.map(({ id }) => id));
  const clock = options.clock ?? systemClock();
  const log = withRedaction(options.log ?? createMemoryLog(), options.secrets ?? []);
  const blobs = options.blobs ?? createMemoryBlobs();
  const tools = new Map(seats.map(({ id, model, tools }) => [id, createToolbox(tools.flatMap(toolsIn), id, ownTools(model))]));
  const environment = { log, clock, blobs, tools };
  const agents = seats.map(({ id, persona, model }) => ({
    id,
    model: model.name,
    rungs: model.rungs,
    ...(persona === undefined ? {} : { persona }),
    ...(model.contextTokens === undefined ? {} : { contextTokens: model.contextTokens }),
    ...(model.accepts === undefined ? {} : { accepts: model.accepts }),
    ...((model.thinks ?? model.experience?.learned.thinks) === true ? { thinks: true } : {}),
    ...(model.works === true ? { works: true } : {}),
    ...offered(tools.get(id)),
  }));
  const begin = (
    runId: string,
    signal: AbortSignal | undefined,
    start: (models: RunEnvironment["models"]) => Run | EndedRun,
  ): CouncilRun => {
    const { models, runEnded } = modelsInRun(seats, runId);
    const run = start(models);
    // Its process may have died before the models knew.
    if (!(run instanceof Run)) return over(runId, log.read(runId), settled(run.ended, runId, runEnded));
    const learn = (): void => teachRungs(run.state, models);
    run.result.then(learn, learn);
    return underWay(run, signal, runEnded);
  };

  return {
    ask(question, { history, attachments = [], seed, runId = newRunId(clock), notices = [], setup, signal } = {}) {
      return withFiles(attachments, runId, (files) => {
        const attached = files.map(({ attachment }) => attachment);
        const lacking = checkTakers(attached, agents).map((text) => ({ level: "warning", text }) as const);
        for (const { bytes } of files) blobs.put(bytes);
        const started = runStarted({
          runId,
          question,
          attachments: attached,
          agents,
          seed: seed ?? randomInt(2 ** 31),
          date: new Date(clock.now()).toISOString().slice(0, "YYYY-MM-DD".length),
          ...(history === undefined ? {} : { history }),
          ...(options.settings === undefined ? {} : { settings: options.settings }),
          ...(setup === undefined ? {} : { setup }),
        });
        requireBlobs(started, blobs, "Leave the conversation before out, or attach the file again.");
        const told = [...notices, ...lacking].map((notice) => ({ type: "notice", ...notice }) as const);
        return begin(runId, signal, (models) => startRun({ ...environment, models }, started, told));
      });
    },
    resume(runId, { signal } = {}) {
      requireFilesOf(log.read(runId), blobs);
      return begin(runId, signal, (models) => resumeRun({ ...environment, models }, runId));
    },
    events: (runId) => log.read(runId),
    async close() {
      const models = new Set(seats.map(({ model }) => model));
      const sources = new Set(seats.flatMap(({ tools }) => tools.filter((tool) => "close" in tool)));
      await Promise.all([...models, ...sources].map(async (open) => open.close?.()));
    },
  };
}

const ownTools = ({ providerTools = [] }: CouncilModel): readonly string[] => providerTools.map(({ name }) => name);

const toolsIn = (tool: Tool | ToolSource): readonly Tool[] => ("close" in tool ? tool.tools : [tool]);

function offered(toolbox: Toolbox | undefined): { readonly tools?: readonly AgentTool[] } {
  return toolbox === undefined || toolbox.size === 0 ? {} : { tools: agentTools(toolbox) };
}

/** A run that has ended needs no files. */
function requireFilesOf(events: readonly RunEvent[], blobs: Blobs): void {
  const [started] = events;
  if (started?.type !== "run-started" || events.at(-1)?.type === "run-ended") return;
  requireBlobs(started, blobs, "Ask again with the file attached; massgen show still shows what there is of the run.");
}

/** The next run of a model begins on the rung on which its ballots could be read in this one. */
function teachRungs(state: RunState | undefined, models: ReadonlyMap<string, CouncilModel>): void {
  if (state === undefined) return;
  for (const [agent, rung] of readRungs(state)) models.get(agent)?.experience?.learn({ rung });
}

function checkIds(ids: readonly string[]): void {
  if (ids.length === 0) throw new MassgenError("config", "A council needs at least one agent.");
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined)
    throw new MassgenError("config", `Two agents are called "${repeated}".`, { hint: "Give every agent its own id." });
  if (ids.includes("")) throw new MassgenError("config", "An agent's id is empty.");
}

/** Sorts by time and is short enough to type: `20261123-143502-3f9a1c`. */
function newRunId(clock: Clock): string {
  const [day, time] = new Date(clock.now()).toISOString().replaceAll(/[-:]/gu, "").split("T");
  return `${day}-${time?.slice(0, "HHMMSS".length)}-${randomUUID().slice(0, 6)}`;
}

function underWay(run: Run, signal: AbortSignal | undefined, runEnded: RunModels["runEnded"]): CouncilRun {
  const stop = (): void => run.stop();
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const result = run.result
    .finally(() => signal?.removeEventListener("abort", stop))
    .then(async (ended) => settled(ended, run.runId, runEnded));
  result.catch(() => undefined);
  return {
    runId: run.runId,
    result,
    stop,
    [Symbol.asyncIterator]: () => run.frames()[Symbol.asyncIterator](),
  };
}

async function settled(ended: RunEnded, runId: string, runEnded: RunModels["runEnded"]): Promise<RunResult> {
  return { ...ended, runId, afterwards: await runEnded(ended) };
}

function over(runId: string, events: readonly RunEvent[], result: Promise<RunResult>): CouncilRun {
  return {
    runId,
    result,
    stop: () => undefined,
    async *[Symbol.asyncIterator]() {
      for (const event of events) yield { type: "event", event };
    },
  };
}
