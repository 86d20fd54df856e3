import { setTimeout as sleep } from "node:timers/promises";
import { answeredBadly } from "../../http/ask-server.ts";
import type { LoadProgress } from "../../model.ts";
import type { LoadOptions } from "../engine.ts";
import type { EngineServer } from "../engine-server.ts";
import { entriesOf, runningModels, sameModel } from "./ollama-models.ts";
import { unknownModel } from "./unknown-model.ts";

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
  const tags = await entriesOf(server, "/api/tags", never);
  if (!tags.some(({ name }) => sameModel(String(name), model))) {
    throw answeredBadly(`${server.origin}/api/chat`, { error: await unknownModel(server, model) }, 404);
  }
  if (instead !== undefined) await unloadModel(server, instead, never);
  report({});
  await server.post(
    "/api/chat",
    {
      model,
      messages: [],
      ...(contextTokens === undefined ? {} : { options: { num_ctx: contextTokens } }),
      ...(ttlSeconds === undefined ? {} : { keep_alive: ttlSeconds }),
    },
    never,
  );
}

/** The answer comes before the model has left, so it is waited for. */
export async function unloadModel(server: EngineServer, model: string, signal: AbortSignal): Promise<void> {
  await server.post("/api/chat", { model, messages: [], keep_alive: 0 }, signal);
  const until = AbortSignal.timeout(LONGEST_MS);
  while (!until.aborted) {
    const running = await runningModels(server, signal);
    if (running?.some(({ name }) => sameModel(String(name), model)) !== true) return;
    await sleep(EVERY_MS, undefined, { signal });
  }
}
