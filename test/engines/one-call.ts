import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Outcome } from "../../src/core/facts/outcome.ts";
import type { Prompt } from "../../src/core/messages.ts";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { Engine } from "../../src/models/engines/engine.ts";
import { type SeatOptions, seatModel } from "../../src/models/engines/seat-model.ts";
import type { CouncilModel, Delta } from "../../src/models/model.ts";

export const question: Prompt = { messages: [{ role: "user", text: "Why?" }], maxOutputTokens: 100, maxTextTokens: 100 };

export function ballotBy(rung: "schema" | "tool" | "text"): Prompt {
  return { ...question, ballot: { rung, choices: ["A", "improve"] } };
}

export interface OneCall {
  readonly engine: Engine;
  readonly prompt?: Prompt;
  readonly options?: SeatOptions;
  readonly signal?: AbortSignal;
  readonly onDelta?: (delta: Delta) => void;
}

/** One call to the first model of an engine, from its list to the outcome. */
export async function oneCall({ engine, prompt = question, options = {}, signal, onDelta }: OneCall): Promise<Outcome> {
  const until = signal ?? new AbortController().signal;
  const [found] = await engine.models(until);
  return outcomeOf(await seatModel(engine, found ?? { id: "none" }, options, until), prompt, until, onDelta);
}

/** One call to a model, from its prompt to the outcome. */
export async function outcomeOf(
  model: CouncilModel,
  prompt: Prompt,
  signal: AbortSignal,
  onDelta: (delta: Delta) => void = () => {},
): Promise<Outcome> {
  const call = callModel(model, prompt, { clock: systemClock() }, signal);
  for (;;) {
    const { done, value } = await call.next();
    if (done === true) return value;
    onDelta(value);
  }
}

export interface OddServer {
  readonly origin: string;
  close(): void;
}

/** A server on 127.0.0.1 that answers as a test wants it. */
export async function oddServer(answer: RequestListener): Promise<OddServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Hands a request on to the engine at `origin`, and its answer back as `change` makes it. */
export async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { origin, change = (body) => body }: { readonly origin: string; readonly change?: (body: string) => string },
): Promise<void> {
  const { url = "", method = "GET" } = request;
  const body = method === "GET" ? {} : { body: Buffer.concat(await request.toArray()) };
  const answer = await fetch(`${origin}${url}`, { method, headers: { "content-type": "application/json" }, ...body });
  const type = answer.headers.get("content-type");
  response.writeHead(answer.status, type === null ? {} : { "content-type": type }).end(change(await answer.text()));
}
