import { setTimeout as sleep } from "node:timers/promises";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import type { LoadProgress } from "../../model.ts";
import type { EngineServer } from "../engine-server.ts";

const EVERY_MS = 200;
/** A load that has not begun after so many looks will not begin. */
const MOST_IDLE_LOOKS = 50;

/** A model that sleeps wakes with its first request. */
const READY: ReadonlySet<unknown> = new Set(["loaded", "sleeping"]);

/**
 * Has a router load one of its models; a server with one model has it loaded already. Throws when the load fails, also where the model is
 * taken out of memory again before it was ready.
 */
export async function loadRouted(server: EngineServer, model: string, report: (progress: LoadProgress) => void): Promise<void> {
  const never = new AbortController().signal;
  const entry = async (): Promise<Json> => {
    const list = await server.get("/v1/models", never);
    const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
    const found = entries.find(({ id }) => id === model);
    if (found !== undefined) return found;
    const message = `there is no model "${model}", but ${entries.map(({ id }) => String(id)).join(", ")}`;
    throw answeredBadly(`${server.origin}/v1/models`, { error: { message } }, 404);
  };
  const status = async (): Promise<Json | undefined> => {
    const { status: told } = await entry();
    return isJson(told) ? told : undefined;
  };
  const before = await status();
  if (before === undefined || READY.has(before.value)) return;
  report({});
  await server.post("/models/load", { model }, never);
  let begun = false;
  for (let looks = 0; begun || looks < MOST_IDLE_LOOKS; looks += 1) {
    const now = await status();
    if (now === undefined || READY.has(now.value)) return;
    if (now.failed === true || (begun && now.value === "unloaded")) throw notLoaded(server, model, now);
    begun ||= now.value !== "unloaded";
    await sleep(EVERY_MS);
  }
  throw notLoaded(server, model, {});
}

function notLoaded({ origin }: EngineServer, model: string, status: Json): Error {
  return answeredBadly(`${origin}/models/load`, { error: { message: `Failed to load model ${model}`, ...status } }, 500);
}
