import type { FactOf, Fact, RunEvent } from "../core/facts.ts";
import type { RunEnded } from "../core/facts/run.ts";
import { evolve } from "../core/evolve.ts";
import { plan } from "../core/plan.ts";
import type { ToolDefinition } from "../core/messages.ts";
import { promptOf } from "../core/prompts/conversation.ts";
import type { RunState } from "../core/state.ts";
import type { Entry, EventLog } from "../log/event-log.ts";
import type { Blobs } from "../log/blobs.ts";
import type { Clock } from "../models/clock.ts";
import { callModel } from "../models/call-model.ts";
import type { CouncilModel } from "../models/model.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import { type Frame, FrameFeed } from "./frames.ts";
import { useTool } from "./use-tool.ts";

/** What a run needs of the world. */
export interface RunEnvironment {
  /** Redacts what it stores and returns. */
  readonly log: EventLog;
  /** The model of every agent, by agent id. */
  readonly models: ReadonlyMap<string, CouncilModel>;
  readonly clock: Clock;
  /** The contents of attached files. */
  readonly blobs?: Pick<Blobs, "read">;
  /** The tools of agents that have any, by agent id. */
  readonly tools?: ReadonlyMap<string, Toolbox>;
}

/** More batches than this in a row mean that the plan does not come to rest: a bug, and better loud than for ever. */
const MOST_BATCHES_IN_A_ROW = 10_000;

/** A run in progress: folds the log, appends what `plan` says, performs what was requested, settles it, and again. */
export class Run {
  readonly runId: string;
  /** The last fact of the run. Rejects when the log can no longer be written. */
  readonly result: Promise<RunEnded>;
  readonly #environment: RunEnvironment;
  readonly #feed = new FrameFeed();
  readonly #open = new Map<string, AbortController>();
  readonly #timers = new Map<string, () => void>();
  #state: RunState | undefined;
  #isOver = false;
  #settle: { resolve: (ended: RunEnded) => void; reject: (error: unknown) => void } | undefined;

  /** @param past the events that are in the log already, folded but not performed again */
  constructor(runId: string, environment: RunEnvironment, past: readonly RunEvent[] = []) {
    this.runId = runId;
    this.#environment = environment;
    this.result = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.result.catch(() => undefined);
    for (const event of past) this.#fold(event);
  }

  get state(): RunState | undefined {
    return this.#state;
  }

  /** Every event of the run from its first, and deltas as they come. */
  frames(): AsyncIterable<Frame> {
    return this.#feed.read();
  }

  /** Appends the given facts and everything that follows from them. */
  begin(facts: readonly Fact[]): void {
    this.#go(facts.map((fact) => ({ fact })));
  }

  /** A person ends the run: the leading answer is its result. */
  stop(): void {
    if (this.#state?.ended === undefined && this.#state?.stopped === false) this.#go([{ fact: { type: "user-stopped" } }]);
  }

  /** Takes up timers that were open in the process before. */
  rearm(): void {
    for (const { timerId, until } of this.#state?.timers ?? []) this.#arm(timerId, until);
  }

  #go(entries: readonly Entry[]): void {
    if (this.#isOver) return;
    try {
      this.#append(entries);
      for (let batches = 0; this.#state !== undefined; batches++) {
        const facts = plan(this.#state);
        if (facts.length === 0) return;
        if (batches === MOST_BATCHES_IN_A_ROW) throw new Error(`the plan of run ${this.runId} does not come to rest`);
        const cause = this.#state.seq;
        this.#append(facts.map((fact) => ({ fact, cause })));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #append(entries: readonly Entry[]): void {
    const { log, clock } = this.#environment;
    const events = log.append(this.runId, entries, Math.floor(clock.now()));
    for (const event of events) this.#fold(event);
    for (const event of events) this.#perform(event);
  }

  #fold(event: RunEvent): void {
    this.#state = evolve(this.#state, event);
    this.#feed.event(event);
  }

  #perform(event: RunEvent): void {
    switch (event.type) {
      case "call-requested":
        void this.#call(event);
        break;
      case "call-cancelled":
        this.#open.get(event.callId)?.abort();
        break;
      case "tool-requested":
        void this.#use(event);
        break;
      case "tool-settled":
        this.#open.get(event.toolId)?.abort();
        this.#open.delete(event.toolId);
        break;
      case "timer-requested":
        this.#arm(event.timerId, event.until);
        break;
      case "timer-settled":
        this.#timers.get(event.timerId)?.();
        this.#timers.delete(event.timerId);
        break;
      case "run-ended":
        this.#close();
        this.#settle?.resolve(event);
        break;
      default:
    }
  }

  async #call(request: FactOf<"call-requested"> & RunEvent): Promise<void> {
    const { agent, callId, seq: cause } = request;
    const model = this.#environment.models.get(agent);
    if (this.#state === undefined || model === undefined) return this.#fail(new Error(`agent ${agent} has no model`));
    const controller = new AbortController();
    this.#open.set(callId, controller);
    const prompt = promptOf(this.#state, request);
    const { clock, blobs } = this.#environment;
    const blob = (id: string) => blobs?.read(id);
    const context = { clock, run: this.runId, blob, tools: this.#definitions(request), ...this.#headOf(request) };
    const reply = callModel(model, prompt, context, controller.signal);
    try {
      for (;;) {
        const { done, value } = await reply.next();
        if (!this.#open.has(callId)) return;
        if (done === true) {
          this.#open.delete(callId);
          return this.#go([{ fact: { type: "call-settled", callId, outcome: value }, cause }]);
        }
        if (value.type === "started") this.#go([{ fact: { type: "call-started", callId }, cause }]);
        else this.#feed.delta(callId, agent, value);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #use(request: FactOf<"tool-requested"> & RunEvent): Promise<void> {
    const { toolId, seq: cause, agent, name } = request;
    const { clock, tools } = this.#environment;
    const { toolMs } = this.#state?.started.settings.bounds ?? { toolMs: 0 };
    const controller = new AbortController();
    this.#open.set(toolId, controller);
    const outcome = await useTool(tools?.get(agent)?.get(name), request, { clock, toolMs }, controller.signal);
    if (this.#open.delete(toolId)) this.#go([{ fact: { type: "tool-settled", toolId, outcome }, cause }]);
  }

  #definitions({ agent, tools = [] }: FactOf<"call-requested">): readonly ToolDefinition[] {
    const box = this.#environment.tools?.get(agent);
    return tools.flatMap((name) => {
      const tool = box?.get(name);
      return tool === undefined ? [] : [{ ...tool, name }];
    });
  }

  /** All prompts over the same answers that leave out the same begin with them. */
  #headOf({ snapshot, leftOut }: FactOf<"call-requested">): { readonly head?: string } {
    if (snapshot.length === 0) return {};
    const refs = snapshot.map(({ label, version }) => `${label}.${version}`).join(" ");
    return { head: `${this.runId} ${refs} ${JSON.stringify(leftOut ?? {})}` };
  }

  #arm(timerId: string, until: number): void {
    const fire = (): void => this.#go([{ fact: { type: "timer-settled", timerId, how: "fired" } }]);
    this.#timers.set(timerId, this.#environment.clock.schedule(until, fire));
  }

  /** The log cannot go on: nothing that was appended is lost, the run can be resumed. */
  #fail(error: unknown): void {
    this.#close();
    this.#settle?.reject(error);
  }

  #close(): void {
    this.#isOver = true;
    for (const controller of this.#open.values()) controller.abort();
    this.#open.clear();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#feed.end();
  }
}
