import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createQueue } from "../../models/queue/engine-queue.ts";
import type { Queue } from "../../models/queue/queue.ts";
import type { FakeReply } from "../fake-openai/fake-reply.ts";
import type { Counted, Frame } from "../fake-openai/render-frames.ts";
import { endWithError, openStream, pause, sendBody, sendEvents, sse, stall, type Flow } from "../fake-openai/send-reply.ts";
import type { FakeRequestBody } from "../fake-openai-server.ts";
import { councilAnswer } from "./council-answer.ts";
import type { Exchange } from "./exchange.ts";
import type { Death, FakeEngineOptions, FakeEngineRequest, Refusal } from "./fake-engine.ts";
import { createPromptCache, tokensOf } from "./prompt-cache.ts";
import { saidOf, type Said } from "./said.ts";

/** What is the same in all answers of an engine. */
export interface Traits {
  readonly slots: number;
  readonly sharing: "slot" | "blocks";
  readonly blockTokens?: number;
  /** Whether a prompt is read to its end though the client has left. */
  readonly readsOn: boolean;
  /** Whether an answer that is not streamed is written to its end though the client has left. */
  readonly writesOn?: boolean;
  /** How everyone ends when the shared pool is full; without it the last to come wait for room. */
  readonly poolDeath?: Death;
}

/** One generation, as its endpoint wants it. */
export interface Turn {
  /** The place in `requests`. */
  readonly index: number;
  /** The loaded model whose slots and memory it uses. */
  readonly lane: string;
  readonly prompt: string;
  /** Infinity without a limit. */
  readonly maxTokens: number;
  readonly streamed: boolean;
  readonly flow: Pick<Flow, "wire" | "pingMs" | "doneAfterError">;
  /** Whether the headers go out before the prompt is read. */
  readonly headersFirst: boolean;
  /** What of a reply the engine lets through. */
  readonly hear?: (reply: FakeReply) => FakeReply;
  /** How this endpoint words an error of the engine. */
  readonly wordError?: (body: object) => object;
  /** Refuses what does not fit, or counts what is left of it. */
  readonly fit?: (counted: Counted) => Refusal | Counted;
  /** What is sent before the prompt is read. */
  readonly opening?: (counted: Counted) => readonly (object | string)[];
  readonly frames: (said: Said) => readonly Frame[];
  readonly document: (said: Said) => object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Speech {
  readonly turn: Turn;
  readonly death: AbortSignal;
  readonly reply: FakeReply;
  readonly counted: Counted;
  /** Called when the prompt has been read. */
  readonly kept: () => void;
}

interface Run {
  readonly lane: string;
  readonly reserved: number;
  readonly death: AbortController;
  /** Whether it has a slot. */
  started: boolean;
}

export interface EngineCore {
  readonly requests: readonly FakeEngineRequest[];
  readonly loads: string[];
  readonly counts: { open: number; maxOpen: number; closedEarly: number; waiting: number };
  /** Writes a chat request down; its place in `requests`. */
  record(exchange: Exchange, body: FakeRequestBody, model: string): number;
  answer(exchange: Exchange, turn: Turn): Promise<void>;
  /** Whether anything runs in a lane, or waits there. */
  busy(lane: string): boolean;
  /** How many requests of a lane have a slot. */
  running(lane: string): number;
  /** Ends all that runs in a lane, and forgets its prompts. */
  kill(lane: string, death: Death): void;
}

/** What every fake engine does: count, wait for a slot, read the prompt, say the reply with its faults, or die. */
export function createCore(options: FakeEngineOptions, traits: Traits): EngineCore {
  const { slots = traits.slots, sharedPool = Infinity, promptTokensPerSecond = Infinity, tokensPerSecond = Infinity } = options;
  const requests: FakeEngineRequest[] = [];
  const counts = { open: 0, maxOpen: 0, closedEarly: 0, waiting: 0 };
  const queues = new Map<string, Queue>();
  const running = new Set<Run>();
  const leaving = new Set<() => void>();
  const cache = createPromptCache(traits.sharing, slots, traits.blockTokens);
  const inLane = (lane: string): readonly Run[] => [...running].filter((run) => run.lane === lane);
  const end = (runs: readonly Run[], death: Death): void => {
    for (const run of runs) run.death.abort(death);
  };

  const replyTo = async (index: number): Promise<FakeReply> => {
    const { reply = councilAnswer } = options;
    const request = requests[index] as FakeEngineRequest;
    return typeof reply === "function" ? reply(request, index) : reply;
  };

  const queueOf = (lane: string): Queue => {
    const queue = queues.get(lane) ?? createQueue({ slots, sharing: "blocks" });
    queues.set(lane, queue);
    return queue;
  };

  const speak = async ({ response, gone }: Exchange, { turn, death, reply, counted, kept }: Speech): Promise<void> => {
    const streamed = turn.streamed && reply.unstreamed !== true;
    const stop = traits.writesOn === true && !streamed ? death : AbortSignal.any([death, gone]);
    const flow: Flow = { ...turn.flow, stop };
    if (streamed && turn.headersFirst && !response.headersSent) openStream(response, reply, flow);
    if (streamed) sendOpening(response, reply, turn.opening?.(counted) ?? [], flow);
    const readMs = ((counted.promptTokens - counted.cachedTokens) / promptTokensPerSecond) * 1000;
    await pause(response, readMs, traits.readsOn ? { ...flow, stop: death } : flow);
    kept();
    await pause(response, reply.firstTokenAfterMs, flow);
    const said = saidOf({ ...reply, firstTokenAfterMs: 0 }, counted, turn.maxTokens);
    if (streamed) await sendEvents(response, said.reply, framesOf(said, turn), flow);
    else await sendDocument(response, said, { turn, flow });
  };

  const work = async (exchange: Exchange, turn: Turn, death: AbortSignal): Promise<void> => {
    const { response, gone } = exchange;
    const { hear = (reply: FakeReply) => reply } = turn;
    const reply = hear(paced(await replyTo(turn.index), tokensPerSecond, turn.headers));
    await pause(response, reply.headersAfterMs, { stop: AbortSignal.any([death, gone]) });
    const place = cache.take(turn.lane, turn.prompt);
    try {
      const fit = turn.fit?.(place.counted) ?? place.counted;
      const instead = "status" in fit ? fit : scripted(reply);
      if (instead !== undefined) {
        const headers = { ...reply.headers, ...instead.headers };
        return await sendBody(response, { ...reply, status: instead.status, headers }, instead.body);
      }
      await speak(exchange, { turn, death, reply, counted: fit as Counted, kept: place.kept });
    } finally {
      place.done();
    }
  };

  const takeRoom = async (run: Run): Promise<void> => {
    const full = (): readonly Run[] | undefined => {
      const others = inLane(run.lane).filter((other) => other !== run && other.started);
      const taken = others.reduce((sum, { reserved }) => sum + reserved, run.reserved);
      return taken > sharedPool && (traits.poolDeath !== undefined || others.length > 0) ? others : undefined;
    };
    for (let others = full(); others !== undefined; others = full()) {
      if (traits.poolDeath !== undefined) return end([...others, run], traits.poolDeath);
      await new Promise<void>((resolve) => {
        leaving.add(resolve);
      });
    }
    run.started = true;
  };

  const inSlot = async ({ gone }: Exchange, run: Run, then: () => Promise<void>): Promise<void> => {
    counts.waiting += 1;
    const place = await queueOf(run.lane)
      .acquire({ tokens: 0 }, AbortSignal.any([gone, run.death.signal]))
      .finally(() => (counts.waiting -= 1));
    counts.open += 1;
    counts.maxOpen = Math.max(counts.maxOpen, counts.open);
    try {
      await takeRoom(run);
      run.death.signal.throwIfAborted();
      await then();
    } finally {
      counts.open -= 1;
      place.release();
    }
  };

  return {
    requests,
    loads: [],
    counts,
    record(exchange, body, model) {
      exchange.response.once("close", () => {
        if (!exchange.response.writableFinished) counts.closedEarly += 1;
      });
      return requests.push({ headers: exchange.headers, path: exchange.path, body, model }) - 1;
    },
    async answer(exchange, turn) {
      const run = runOf(turn);
      running.add(run);
      try {
        await inSlot(exchange, run, () => work(exchange, turn, run.death.signal));
      } catch (error) {
        if (run.death.signal.aborted) await die(exchange.response, run.death.signal.reason as Death, turn);
        else if (!exchange.gone.aborted) throw error;
      } finally {
        running.delete(run);
        for (const resolve of leaving) resolve();
        leaving.clear();
      }
    },
    busy: (lane) => inLane(lane).length > 0,
    running: (lane) => inLane(lane).filter(({ started }) => started).length,
    kill(lane, death) {
      end(inLane(lane), death);
      cache.forget(lane);
    },
  };
}

function runOf({ lane, prompt, maxTokens, fit }: Turn): Run {
  const counted = { promptTokens: tokensOf(prompt), cachedTokens: 0 };
  const fitting = fit?.(counted) ?? counted;
  const { promptTokens } = "status" in fitting ? counted : fitting;
  const reserved = promptTokens + (Number.isFinite(maxTokens) ? maxTokens : 0);
  return { lane, reserved, death: new AbortController(), started: false };
}

function paced(reply: FakeReply, tokensPerSecond: number, headers: Readonly<Record<string, string>> = {}): FakeReply {
  const { betweenTokensMs = 1000 / tokensPerSecond } = reply;
  return { ...reply, betweenTokensMs, headers: { ...headers, ...reply.headers } };
}

/** What a reply that is no answer sends. */
function scripted({ redirectTo, status = 200, body }: FakeReply): Refusal | undefined {
  if (redirectTo !== undefined) return { status: status === 200 ? 307 : status, body: "", headers: { location: redirectTo } };
  return body === undefined && status === 200 ? undefined : { status, body: body ?? "" };
}

function sendOpening(response: ServerResponse, reply: FakeReply, frames: readonly (object | string)[], { wire = sse }: Flow): void {
  for (const frame of frames) response.write(typeof frame === "string" ? frame : wire.frame(JSON.stringify(frame), reply));
}

function framesOf(said: Said, turn: Turn): readonly Frame[] {
  return said.reply.frames?.map((data) => ({ token: true, data })) ?? turn.frames(said);
}

interface Document {
  readonly turn: Turn;
  readonly flow: Flow;
}

/** The same faults as in a stream, as far as a document can have them. */
async function sendDocument(response: ServerResponse, said: Said, { turn, flow }: Document): Promise<void> {
  const { reply } = said;
  const written = Math.max(0, (reply.stallAfterTokens ?? said.outputTokens) - 1);
  await pause(response, (reply.betweenTokensMs ?? 0) * written, flow);
  if (reply.stallAfterTokens !== undefined) return stall(response, flow);
  if (reply.errorAtToken !== undefined) return sendBody(response, { ...reply, status: 500 }, reply.errorAtToken.body as object);
  return sendBody(response, reply, turn.document(said));
}

async function die(response: ServerResponse, { status, body, frame = body }: Death, turn: Turn): Promise<void> {
  const { wordError = (error: object) => error, headers = {} } = turn;
  if (response.destroyed) return;
  if (response.headersSent) return endWithError(response, {}, wordError(frame), turn.flow);
  return sendBody(response, { status, headers }, wordError(body));
}

/** Waits as loading a model takes; a client that leaves is not waited for. */
export async function loading(ms: number | undefined): Promise<void> {
  if (ms !== undefined && ms > 0) await sleep(ms);
}
