import { evolve } from "../core/evolve.ts";
import type { Fact, FactOf, RunEvent } from "../core/facts.ts";
import type { ToolOutcome } from "../core/facts/effects.ts";
import type { Failure, Outcome, Reply, Usage } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { plan } from "../core/plan.ts";
import { promptOf } from "../core/prompts/conversation.ts";
import { type RunInput, runStarted } from "../core/start-run.ts";
import type { RunState } from "../core/state.ts";

/** What a simulated model does with one call; a plain string is what it says after one second. */
export type Behaviour =
  | string
  | { readonly never: true }
  | ({ readonly text?: string; readonly queuedMs?: number } & When & Partial<Omit<Reply, "type" | "text">>)
  | ({ readonly fail: Partial<Failure> } & When);

interface When {
  readonly afterMs?: number;
  /** What the model says meets the cancellation half way: a call that is cancelled settles with it, and at once. */
  readonly beatsCancel?: true;
}

export type ToolBehaviour = string | { readonly never: true } | { readonly outcome: ToolOutcome; readonly afterMs?: number };

export interface SimulatedCall {
  readonly request: FactOf<"call-requested">;
  readonly prompt: Prompt;
  readonly state: RunState;
}

export interface Simulation {
  readonly input?: Partial<RunInput>;
  /** Default: `["one", "two", "three"]`. */
  readonly agents?: readonly (string | RunInput["agents"][number])[];
  readonly behave: (call: SimulatedCall) => Behaviour;
  /** What a tool gives; a plain string is its result after one second. */
  readonly useTool?: (request: FactOf<"tool-requested">) => ToolBehaviour;
  /** Facts from outside, by the millisecond of the run at which they happen. */
  readonly interventions?: readonly { readonly atMs: number; readonly fact: Fact }[];
  /** A log to go on with, as after the death of a process. */
  readonly past?: readonly RunEvent[];
  /** The time between the last event of `past` and the resumption. */
  readonly goneForMs?: number;
  /** Dies once this many events are in the log, in the middle of everything. */
  readonly dieAfter?: number;
}

export interface Simulated {
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  /** The calls that were made, in order. */
  readonly calls: readonly SimulatedCall[];
  /** Absent only where the process died first. */
  readonly ended: FactOf<"run-ended"> | undefined;
}

/** Plays a run on the pure core in virtual time: no models, no clock, no waiting. Throws when the run comes to rest without an end. */
export function simulateRun(simulation: Simulation): Simulated {
  return new Simulator(simulation).play();
}

const START = Date.UTC(2030, 0, 1);
const MOST_EVENTS = 50_000;

interface Due {
  readonly at: number;
  readonly fact: () => Fact | undefined;
}

class Simulator {
  readonly #simulation: Simulation;
  readonly #events: RunEvent[] = [];
  readonly #calls: SimulatedCall[] = [];
  readonly #due: Due[] = [];
  readonly #crossing = new Map<string, Outcome>();
  #state: RunState | undefined;
  #now: number;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#now = (simulation.past?.at(-1)?.at ?? START) + (simulation.goneForMs ?? 0);
  }

  play(): Simulated {
    for (const event of this.#simulation.past ?? []) this.#fold(event);
    if (this.#state?.ended === undefined) this.#append(this.#opening());
    for (const { atMs, fact } of this.#simulation.interventions ?? []) this.#later(atMs, () => fact);
    this.#goOn();
    while (this.#isRunning()) this.#step();
    if (this.#state === undefined) throw new Error("a run begins with run-started");
    return { events: this.#events, state: this.#state, calls: this.#calls, ended: this.#state.ended };
  }

  #isRunning(): boolean {
    return this.#state?.ended === undefined && this.#events.length < (this.#simulation.dieAfter ?? Infinity);
  }

  /** A new run starts; one that was interrupted settles what its process left open. */
  #opening(): readonly Fact[] {
    const state = this.#state;
    if (state === undefined) return [startedOf(this.#simulation)];
    for (const timer of state.timers) if (timer.purpose === "retry") this.#fire(timer.timerId, timer.until);
    return [
      { type: "run-resumed" },
      ...state.timers
        .filter(({ purpose }) => purpose !== "retry")
        .map(({ timerId }): Fact => ({ type: "timer-settled", timerId, how: "interrupted" })),
      ...state.openCalls.map((callId): Fact => ({
        type: "call-settled",
        callId,
        outcome: { type: "interrupted", usage: someUsage("", 0) },
      })),
      ...state.openTools.map((toolId): Fact => ({ type: "tool-settled", toolId, outcome: { type: "interrupted" } })),
    ];
  }

  #step(): void {
    const at = Math.min(...this.#due.map((due) => due.at));
    const next = this.#due.findIndex((due) => due.at === at);
    const [due] = this.#due.splice(next, next === -1 ? 0 : 1);
    if (due === undefined) throw new Error(`the run came to rest without an end after ${this.#events.map(({ type }) => type).join(", ")}`);
    this.#now = Math.max(this.#now, due.at);
    const fact = due.fact();
    if (fact !== undefined) this.#append([fact]);
    this.#goOn();
  }

  #goOn(): void {
    while (this.#state !== undefined && this.#isRunning()) {
      const facts = plan(this.#state);
      if (facts.length === 0) return;
      this.#append(facts);
      if (this.#events.length > MOST_EVENTS) throw new Error("the run does not end");
    }
  }

  #append(facts: readonly Fact[]): void {
    const batch = facts.map((fact, index): RunEvent => ({ ...fact, seq: this.#events.length + 1 + index, at: this.#now }));
    for (const event of batch) this.#fold(event);
    for (const event of batch) this.#perform(event);
  }

  #fold(event: RunEvent): void {
    this.#events.push(event);
    this.#state = evolve(this.#state, event);
  }

  #perform(event: RunEvent): void {
    if (event.type === "call-requested") this.#call(event);
    if (event.type === "call-cancelled") {
      this.#settle(event.callId, 0, this.#crossing.get(event.callId) ?? { type: "cancelled", usage: this.#paid(event.callId) });
    }
    if (event.type === "tool-requested") this.#use(event);
    if (event.type === "timer-requested") this.#fire(event.timerId, event.until);
  }

  #use(request: FactOf<"tool-requested">): void {
    const { toolId } = request;
    const behaviour = this.#simulation.useTool?.(request) ?? "";
    if (typeof behaviour === "object" && "never" in behaviour) return;
    const { outcome, afterMs = 1_000 } =
      typeof behaviour === "string" ? { outcome: { type: "result", text: behaviour } as const } : behaviour;
    const isOpen = (): boolean => this.#state?.openTools.includes(toolId) === true;
    this.#later(afterMs, () => (isOpen() ? { type: "tool-settled", toolId, outcome } : undefined));
  }

  #call(request: FactOf<"call-requested">): void {
    if (this.#state === undefined) return;
    const call = { request, prompt: promptOf(this.#state, request), state: this.#state };
    this.#calls.push(call);
    const behaviour = this.#simulation.behave(call);
    const queuedMs = typeof behaviour === "object" && "queuedMs" in behaviour ? (behaviour.queuedMs ?? 0) : 0;
    const { callId } = request;
    this.#later(queuedMs, () => (this.#isOpen(callId) ? { type: "call-started", callId } : undefined));
    const reply = outcomeOf(behaviour, call.prompt.promptTokens ?? 0);
    if (reply === undefined) return;
    this.#settle(callId, queuedMs + reply.afterMs, reply.outcome);
    if (typeof behaviour === "object" && "beatsCancel" in behaviour) this.#crossing.set(callId, reply.outcome);
  }

  /** Of a call that was given up: its prompt. */
  #paid(callId: string): Usage {
    return someUsage("", this.#calls.findLast(({ request }) => request.callId === callId)?.prompt.promptTokens ?? 0);
  }

  #settle(callId: string, afterMs: number, outcome: Outcome): void {
    this.#later(afterMs, () => (this.#isOpen(callId) ? { type: "call-settled", callId, outcome } : undefined));
  }

  #fire(timerId: string, until: number): void {
    const isOpen = (): boolean => this.#state?.timers.some((timer) => timer.timerId === timerId) === true;
    this.#later(Math.max(0, until - this.#now), () => (isOpen() ? { type: "timer-settled", timerId, how: "fired" } : undefined));
  }

  #later(afterMs: number, fact: Due["fact"]): void {
    this.#due.push({ at: this.#now + afterMs, fact });
  }

  #isOpen(callId: string): boolean {
    return this.#state?.openCalls.includes(callId) === true;
  }
}

function startedOf({ input, agents = ["one", "two", "three"] }: Simulation): FactOf<"run-started"> {
  return runStarted({
    runId: "run",
    question: "Why is the sky blue?",
    seed: 1,
    date: "2030-01-01",
    agents: agents.map((agent) =>
      typeof agent === "string" ? { id: agent, model: `model of ${agent}`, rungs: ["schema", "tool", "text"] } : agent,
    ),
    ...input,
  });
}

function outcomeOf(behaviour: Behaviour, promptTokens: number): { readonly outcome: Outcome; readonly afterMs: number } | undefined {
  if (typeof behaviour === "string") return outcomeOf({ text: behaviour }, promptTokens);
  if ("never" in behaviour) return undefined;
  const { afterMs = 1_000 } = behaviour;
  if ("fail" in behaviour) {
    const failure: Failure = { kind: "server-error", message: "the server failed", retryable: true, ...behaviour.fail };
    return { afterMs, outcome: { type: "failed", failure, usage: someUsage("", promptTokens) } };
  }
  const { text = "", reasoning, toolCalls = [], finish = "stop", usage = someUsage(text, promptTokens), timing, countedTokens } = behaviour;
  const optional = {
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(timing === undefined ? {} : { timing }),
    ...(countedTokens === undefined ? {} : { countedTokens }),
  };
  return { afterMs, outcome: { type: "replied", text, toolCalls, finish, usage, ...optional } };
}

function someUsage(text: string, inputTokens: number): Usage {
  return { inputTokens, outputTokens: Math.ceil(text.length / 4), estimated: false };
}
