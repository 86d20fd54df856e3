import type { FactOf } from "./facts.ts";
import type { AnswerRef, Purpose, ToolOutcome } from "./facts/effects.ts";
import type { Loss, Tally } from "./facts/coordination.ts";
import type { Failure, Outcome, Usage } from "./facts/outcome.ts";
import type { RunEnded, RunStarted } from "./facts/run.ts";
import type { Agent, Rung } from "./facts/settings.ts";
import type { Counting, Loss as LostPrompt } from "./counting.ts";

/** Every time in here but `clock.now` counts milliseconds in which a process was running the run. */
export interface Clock {
  /** When the last event happened, in milliseconds since the epoch. */
  readonly now: number;
  readonly elapsed: number;
}

export interface Call {
  readonly request: FactOf<"call-requested">;
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly cancelled?: FactOf<"call-cancelled">["why"];
  readonly outcome?: Outcome;
  /** What its engine did not read of the prompt. */
  readonly lost?: LostPrompt;
}

/** A call of a tool of ours. */
export interface ToolUse {
  readonly request: FactOf<"tool-requested">;
  readonly requestedAt: number;
  readonly outcome?: ToolOutcome;
}

/**
 * What an agent is busy with. `settled` waits to be read, `refused` for a correction, `waiting` for its retry's timer, `tools` for the
 * tools that its reply called, `ready` to be asked again, `interrupted` to be asked the same again.
 */
export interface Task {
  readonly callId: string;
  readonly purpose: Purpose;
  readonly attempt: number;
  /** When it was first asked for; what is asked again goes on from there. */
  readonly since: number;
  readonly status: "open" | "settled" | "refused" | "waiting" | "tools" | "ready" | "interrupted";
}

/** The last vote of an agent. */
export interface Vote extends FactOf<"vote-cast"> {
  /** Whether its voter had been shown every answer as it stands now. */
  readonly counts: boolean;
}

export interface AgentState {
  readonly agent: Agent;
  readonly task?: Task;
  readonly callsMade: number;
  /** The ballot in which it chose to improve, until that improvement is over. */
  readonly improvesAfter?: string;
  /** `due` until the draft was answered or given up. */
  readonly draft: "due" | "answered" | "given-up";
  /** When its draft would have begun if none of its calls but the first had waited in a queue. */
  readonly draftStartedAt?: number;
  /** From there to the answer. */
  readonly draftTook?: number;
  readonly answersGiven: number;
  readonly failures: readonly { readonly callId: string; readonly failure: Failure }[];
  /** Time spent in calls and tools that have settled. */
  readonly spent: number;
  readonly vote?: Vote;
  /** Why it abstains from voting. */
  readonly abstains?: string;
  /** Why it gave no draft. */
  readonly draftGivenUp?: string;
  /** Its improvement failed: until it has voted it may do nothing else. */
  readonly mayOnlyVote: boolean;
  readonly cannotPresent: boolean;
  /** A person was told that its engine loses parts of prompts. */
  readonly lossTold?: true;
  /** Its engine refuses calls that offer tools. */
  readonly refusesTools?: true;
  readonly out?: Loss;
}

export interface Answer {
  readonly ref: AnswerRef;
  readonly authors: readonly string[];
  readonly origin: "draft" | "improvement";
  readonly text: string;
  /** What it shares with every text that says the same (`essenceOf`). */
  readonly essence: string;
  readonly tokens: number;
  readonly truncated: boolean;
}

export interface OpenTimer {
  readonly timerId: string;
  readonly purpose: FactOf<"timer-requested">["purpose"];
  readonly until: number;
  readonly agent?: string;
}

/** A run as far as it is told. Built by `evolve` from events and by nothing else. */
export interface RunState {
  readonly started: RunStarted;
  readonly seq: number;
  readonly clock: Clock;
  /** In the order of registration. */
  readonly agents: readonly AgentState[];
  readonly calls: ReadonlyMap<string, Call>;
  readonly openCalls: readonly string[];
  /** By their id, in the order in which they were called. */
  readonly tools: ReadonlyMap<string, ToolUse>;
  readonly openTools: readonly string[];
  /** Why a reply could not be used, by call. */
  readonly refusals: ReadonlyMap<string, FactOf<"reply-refused">["why"]>;
  readonly timers: readonly OpenTimer[];
  readonly timersRequested: number;
  /** Every version of every answer, in the order of submission. */
  readonly answers: readonly Answer[];
  readonly round?: FactOf<"round-opened">;
  /** The lowest rung a model was asked on in this run, by model. */
  readonly rungs: Readonly<Record<string, Rung>>;
  /** How the models count tokens, by model. */
  readonly counting: Readonly<Record<string, Counting>>;
  /** A person was told that earlier messages are left out of prompts. */
  readonly leavingOutTold?: true;
  readonly tally?: Tally;
  readonly stopped: boolean;
  readonly usage: Usage;
  readonly ended?: RunEnded;
}
