import { MassgenError } from "../../../core/errors.ts";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import type { EngineServer } from "../engine-server.ts";

/** Posts to the native interface, where a 200 may be an error, and a path that is not there is one. */
export async function postNative(server: EngineServer, path: string, body: object, signal: AbortSignal): Promise<Json> {
  return nativeAnswer(server, path, await server.post(path, body, signal));
}

/** @throws what `failureOf` reads, for all that is no answer */
export function nativeAnswer(server: EngineServer, path: string, answer: unknown): Json {
  if (isJson(answer) && String(answer.error).startsWith("Unexpected endpoint")) throw tooOld(server);
  if (!isJson(answer) || "error" in answer) throw answeredBadly(`${server.origin}${path}`, answer);
  return answer;
}

export function tooOld({ name }: EngineServer): MassgenError {
  return new MassgenError("engine-missing", `${name} is too old to load, unload or fetch models when asked over HTTP.`, {
    hint: "Update it to 0.4 or newer, or do it in LM Studio itself.",
  });
}
