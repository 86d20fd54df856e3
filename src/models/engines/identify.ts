import { APICallError } from "@ai-sdk/provider";
import { isJson, type Json, parseJson } from "../backends/chatcompletion/wire.ts";
import { isWebPage, serverSaid } from "../server-said.ts";
import { type ServedKind, servedEngines } from "./served-engines.ts";
import { withinProbe } from "./within-probe.ts";
import type { EngineServer } from "./engine-server.ts";

/** Who answers at an address: an engine, a server that speaks the OpenAI protocol, or something else in a few words. */
export type Answerer =
  | { readonly type: "engine"; readonly kind: ServedKind }
  | { readonly type: "openai-compatible" }
  /** Speaks the protocol, and tells nobody more without a key. */
  | { readonly type: "locked" }
  | { readonly type: "else"; readonly what: string }
  | { readonly type: "silence" };

interface Sign {
  readonly kind: ServedKind;
  readonly path: string;
  readonly isIt: (body: Json) => boolean;
}

/** One path of its own for each engine; some answer 200 to everything, so only the body counts. */
const signs: readonly Sign[] = [
  { kind: "lmstudio", path: "/lmstudio-greeting", isIt: (body) => body.lmstudio === true },
  { kind: "ollama", path: "/api/version", isIt: (body) => typeof body.version === "string" },
  { kind: "llamacpp", path: "/props", isIt: (body) => isJson(body.default_generation_settings) || "total_slots" in body },
  { kind: "llamacpp", path: "/v1/models", isIt: (body) => isOwnedBy(body, "llamacpp") },
  { kind: "sglang", path: "/get_model_info", isIt: (body) => "is_generation" in body || "model_path" in body },
  { kind: "sglang", path: "/v1/models", isIt: (body) => isOwnedBy(body, "sglang") },
  { kind: "vllm", path: "/v1/models", isIt: (body) => isOwnedBy(body, "vllm") },
];

const paths = [...new Set(signs.map(({ path }) => path))];

/** Asks every path at once, within the time of a probe. A loading llama.cpp says so on all of them. */
export async function identify(server: EngineServer, signal: AbortSignal): Promise<Answerer> {
  let isLocked = false;
  const ask = async (path: string, within: AbortSignal): Promise<unknown> => {
    try {
      return await server.get(path, within);
    } catch (error) {
      if (path === "/v1/models") isLocked = wantsKey(error);
      return undefined;
    }
  };
  const asked = await withinProbe(signal, (within) => Promise.all(paths.map(async (path) => [path, await ask(path, within)] as const)));
  const bodies = new Map(asked);
  const sign = signs.find(({ path, isIt }) => {
    const body = bodies.get(path);
    return isJson(body) && isIt(body);
  });
  if (sign !== undefined) return { type: "engine", kind: sign.kind };
  const list = bodies.get("/v1/models");
  if (isJson(list) && Array.isArray(list.data)) return { type: "openai-compatible" };
  if (isLocked) return { type: "locked" };
  const said = [...bodies.values()].find((body) => body !== undefined);
  return said === undefined ? { type: "silence" } : { type: "else", what: inWords(said) };
}

/** Other software that is locked answers with a page to sign in at. */
function wantsKey(error: unknown): boolean {
  return APICallError.isInstance(error) && error.statusCode === 401 && isJson(parseJson(error.responseBody ?? ""));
}

export function nameOfAnswerer(answerer: Answerer): string {
  switch (answerer.type) {
    case "engine":
      return servedEngines[answerer.kind].title;
    case "openai-compatible":
      return "another server with the OpenAI protocol";
    case "locked":
      return "a server that wants a key";
    case "else":
      return answerer.what;
    case "silence":
      return "a server that says nothing readable";
  }
}

function isOwnedBy({ data }: Json, owner: string): boolean {
  return Array.isArray(data) && data.some((entry) => isJson(entry) && entry.owned_by === owner);
}

function inWords(said: unknown): string {
  if (typeof said === "string" && isWebPage(said)) return serverSaid(said).quote;
  return "another server";
}
