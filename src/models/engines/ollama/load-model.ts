import { setTimeout as sleep } from "node:timers/promises";
import { APICallError } from "@ai-sdk/provider";
import { answeredBadly } from "../../http/ask-server.ts";
import type { LoadProgress } from "../../model.ts";
import type { LoadOptions } from "../engine.ts";
import { type EngineServer, quietly } from "../engine-server.ts";
import { runningModels, sameModel } from "./ollama-models.ts";
import { unknownModel } from "./unknown-model.ts";

const CHAT = "/api/chat";
const EVERY_MS = 50;
/** A model that still answers somebody stays until it has. */
const LONGEST_MS = 10_000;

/** Reads a model into memory with the context that its calls will ask for, since another one would make it be read again. */
export async function loadModel(
  server: EngineServer,
  model: string,
  { contextTokens, ttlSeconds, instead }: LoadOptions,
  report: (progress: LoadProgress) => void,
): Promise<void> {
  const never = new AbortController().signal;
  const running = await runningModels(server, never);
  const isLoaded = running?.some(
    ({ name, context_length: loaded }) => sameModel(String(name), model) && (contextTokens === undefined || loaded === contextTokens),
  );
  if (isLoaded === true) return;
  if (instead !== undefined) await unloadModel(server, instead, never);
  report({});
  const body = {
    model,
    messages: [],
    ...(contextTokens === undefined ? {} : { options: { num_ctx: contextTokens } }),
    ...(ttlSeconds === undefined ? {} : { keep_alive: ttlSeconds }),
  };
  try {
    await server.post(CHAT, body, never);
  } catch (error) {
    const names = isUnknown(error) ? await quietly(unknownModel(server, model)) : undefined;
    throw names === undefined ? error : answeredBadly(`${server.origin}${CHAT}`, { error: names }, 404);
  }
}

function isUnknown(error: unknown): boolean {
  return APICallError.isInstance(error) && error.statusCode === 404;
}

/** The answer comes before the model has left, so it is waited for. */
export async function unloadModel(server: EngineServer, model: string, signal: AbortSignal): Promise<void> {
  await server.post(CHAT, { model, messages: [], keep_alive: 0 }, signal);
  const until = AbortSignal.timeout(LONGEST_MS);
  while (!until.aborted) {
    const running = await runningModels(server, signal);
    if (running?.every(({ name }) => !sameModel(String(name), model)) === true) return;
    await sleep(EVERY_MS, undefined, { signal });
  }
}
