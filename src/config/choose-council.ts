import { basename } from "node:path";
import { MassgenError } from "../core/errors.ts";
import type { ServerProbe } from "../models/backends/chatcompletion/probe-server.ts";
import { findInCatalogue, toyModel } from "../models/files/catalogue.ts";
import { betterModelHint } from "../models/files/memory-fit.ts";
import type { Surroundings } from "./council.ts";
import { cloudKeysIn, findKey } from "./keys.ts";
import { type LocalServer, localAddress, localServers } from "./local-servers.ts";
import { modelFile } from "./model-file.ts";
import { agentsOn } from "./quick-setup.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";
import { chatModels, loadedModels } from "./served-model.ts";

/** What is left open by flags, and what they say all the same. */
export interface Wish {
  readonly model?: string;
  readonly systemMessage?: string;
  /** 3 by default; 1 where a model is named. */
  readonly agents?: number;
  /** Of the run; how the agents sample derives from it. */
  readonly seed: number;
}

/** A council on this machine. */
export interface Choice {
  readonly agents: readonly AgentConfig[];
  /** One line: what was chosen and why. */
  readonly reason: string;
  readonly notices: readonly string[];
}

/** Time for all servers together, in milliseconds. */
const LOOKING_MS = 500;

/**
 * Finds a council where nobody configured one: an OpenAI-compatible server on this machine, else the embedded engine. Never a cloud: keys in
 * the environment are named and not used.
 * @throws MassgenError `config` when the model wished for is nowhere here, and what `surroundings.offer` throws
 */
export async function chooseCouncil(wish: Wish, surroundings: Surroundings, signal: AbortSignal): Promise<Choice> {
  const places = await lookAround(surroundings, signal);
  const chosen = onServer(places, wish) ?? (await embedded(wish, places, surroundings, signal));
  const count = wish.agents ?? (wish.model === undefined ? 3 : 1);
  const agents = agentsOn(chosen.backend, {
    count,
    seed: wish.seed,
    ...(wish.systemMessage !== undefined && { systemMessage: wish.systemMessage }),
  });
  const who = count === 1 ? "One agent" : `${count} agents`;
  const keys = cloudKeysIn(surroundings.environment);
  const unused = `${keys.join(", ")} ${keys.length === 1 ? "is" : "are"} set but not used: without a config or --backend nothing leaves this machine.`;
  return {
    agents,
    reason: `${who} on ${chosen.why}`,
    notices: [...chosen.notices, ...(keys.length === 0 ? [] : [unused])],
  };
}

interface Chosen {
  readonly backend: BackendConfig;
  readonly why: string;
  readonly notices: readonly string[];
}

interface Found {
  readonly server: LocalServer;
  readonly probe: ServerProbe;
}

/** All default ports at once. What answers there is judged by what it says, not by its port. */
async function lookAround({ environment, probe }: Surroundings, signal: AbortSignal): Promise<readonly Found[]> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(LOOKING_MS)]);
  const answers = await Promise.all(
    localServers.map(async (server) => {
      const { key } = findKey(localAddress(server), undefined, environment, server.name === "LM Studio");
      const answer = await probe(localAddress(server), { timeoutMs: LOOKING_MS, ...(key !== undefined && { apiKey: key }) }, soon);
      return "models" in answer && chatModels(answer).length > 0 ? [{ server, probe: answer }] : [];
    }),
  );
  signal.throwIfAborted();
  return answers.flat();
}

const kindNames: Readonly<Record<ServerProbe["kind"], string>> = {
  llamacpp: "llama.cpp",
  vllm: "vLLM",
  lmstudio: "LM Studio",
  ollama: "Ollama",
  "openai-compatible": "an OpenAI-compatible server",
};

/** The first server with a model in memory, else the first with a model; with a wish, the first that has that model. */
function onServer(places: readonly Found[], { model: wanted }: Wish): Chosen | undefined {
  const ready = places.map(({ server, probe }) => {
    const models = [...loadedModels(probe), ...chatModels(probe)].map(({ id }) => id);
    return { server, probe, model: wanted === undefined ? models[0] : models.find((id) => id === wanted || id === `${wanted}:latest`) };
  });
  const having = ready.filter(({ model }) => model !== undefined);
  const best = having.find(({ probe }) => probe.kind !== "lmstudio" || loadedModels(probe).length > 0) ?? having[0];
  if (best?.model === undefined) return undefined;
  const { server, probe, model } = best;
  const address = localAddress(server);
  return {
    backend: { type: probe.kind === "lmstudio" ? "lmstudio" : "chatcompletion", model, base_url: address },
    why: `${model} at ${kindNames[probe.kind]}, ${new URL(address).origin}: a server that runs on this machine.`,
    notices: [],
  };
}

/** A toy has little to say and takes long to say more: a first run should be over within a minute. */
const toyLimits = { context_length: 4_096, max_tokens: 320 } as const;

async function embedded({ model }: Wish, places: readonly Found[], surroundings: Surroundings, signal: AbortSignal): Promise<Chosen> {
  if (model !== undefined) throw nowhere(model, places);
  const path = await modelFile(undefined, surroundings, signal);
  const file = basename(path);
  const isToy = findInCatalogue(file)?.name === toyModel;
  const better = isToy ? betterModelHint(surroundings.memoryBytes) : undefined;
  return {
    backend: { type: "embedded", model: path, ...(isToy && toyLimits) },
    why: `${file} with the embedded engine: no server with a model answered on this machine.`,
    notices: better === undefined ? [] : [better],
  };
}

function nowhere(model: string, places: readonly Found[]): MassgenError {
  const there = places.flatMap(({ probe }) => chatModels(probe).map(({ id }) => id));
  return new MassgenError("config", `No server on this machine has the model "${model}".`, {
    hint:
      there.length === 0
        ? "Start one, or say where the model is: --base-url URL."
        : `There is ${there.slice(0, 8).join(", ")}. Elsewhere: --base-url URL.`,
  });
}
