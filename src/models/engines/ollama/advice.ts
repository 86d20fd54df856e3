import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { type EngineServer, quietly } from "../engine-server.ts";
import { count, text } from "../sourced.ts";
import { ROOMY_CONTEXT } from "./roomy-context.ts";
import { runningModels } from "./ollama-models.ts";

/** The first version that is sure to refuse a prompt that does not fit, where older ones cut it without a word. */
const HONEST_SINCE = [0, 13] as const;

/** What can be known of how an Ollama was started, and of what cannot, what to look at. */
export async function adviceFor(server: EngineServer, signal: AbortSignal): Promise<readonly string[]> {
  const [told, running = []] = await Promise.all([quietly(server.get("/api/version", signal)), runningModels(server, signal)]);
  return [
    ...(isJson(told) ? aboutVersion(text(told.version)) : []),
    ...running.flatMap(aboutMemory),
    ...running.flatMap(aboutContext),
    "It takes one call at a time unless it was started with OLLAMA_NUM_PARALLEL=3, which it does not tell: where it was, say so with parallel: 3.",
  ];
}

function aboutVersion(version = ""): readonly string[] {
  const [major = Number.NaN, minor = Number.NaN] = version.split(".").map((part) => Number.parseInt(part, 10));
  const [wantedMajor, wantedMinor] = HONEST_SINCE;
  // Builds from source call themselves 0.0.0.
  if (version === "0.0.0" || Number.isNaN(major + minor) || major > wantedMajor || minor >= wantedMinor) return [];
  return [`Its version ${version} cuts prompts that do not fit without saying so: 0.13 and later refuse them.`];
}

function aboutMemory({ name, size, size_vram: onGpu }: Json): readonly string[] {
  const [all, there] = [count(size), count(onGpu)];
  if (all === undefined || there === undefined || there >= all) return [];
  const percent = Math.max(1, Math.round((1 - there / all) * 100));
  return [
    `${text(name) ?? "A model"} is to ${percent} % in the memory of the processor, which slows it down: a smaller model or context would fit.`,
  ];
}

function aboutContext({ name, context_length: loaded }: Json): readonly string[] {
  const tokens = count(loaded);
  if (tokens === undefined || tokens >= ROOMY_CONTEXT) return [];
  return [
    `${text(name) ?? "A model"} is in memory with a context of ${tokens} tokens: started with OLLAMA_CONTEXT_LENGTH=${ROOMY_CONTEXT} it need not be read again for a council.`,
  ];
}
