import type { JSONObject } from "@ai-sdk/provider";
import type { Accepts } from "../core/facts/attachment.ts";
import type { Failure } from "../core/facts/outcome.ts";
import { createChatCompletion } from "../models/backends/chatcompletion/create-chat-completion.ts";
import type { probeServer, ServerProbe } from "../models/backends/chatcompletion/probe-server.ts";
import { reachOf } from "./base-url.ts";
import { experienceKey } from "../models/experience-store.ts";
import { acceptsOf } from "./accepts-of.ts";
import { type BuiltSeat, nameOf, samplingOf, seatOf, type Surroundings } from "./council.ts";
import { describedBy } from "../models/catalogue/described-by.ts";
import { type Fitted, fittedToModel } from "./fitted-to-model.ts";
import { keyedPlace } from "./keyed-place.ts";
import { knownCloudAt } from "./known-clouds.ts";
import { notRunning } from "./local-servers.ts";
import { labelled } from "./provider-label.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";
import { pickModel } from "./served-model.ts";
import { modelFacts } from "../models/catalogue/model-facts.ts";
import { withoutUndefined } from "../core/without-undefined.ts";

/**
 * Seats an agent whose model is on a server. Throws `MassgenError("config")` where the key of a known cloud is missing, or where no model is
 * named and none can be told.
 */
export async function chatSeat(configured: AgentConfig, surroundings: Surroundings, signal: AbortSignal): Promise<BuiltSeat> {
  const { baseUrl, key, ...keyed } = keyedPlace(configured, surroundings.environment);
  const { agent, label } = labelled(configured, baseUrl);
  const { backend } = agent;
  const asked = await ask({ baseUrl, key }, surroundings, signal);
  const probe = asked !== undefined && "models" in asked ? asked : undefined;
  const refusedAt = isRefusal(asked, baseUrl) ? baseUrl : undefined;
  if (refusedAt !== undefined && backend.model === undefined) throw notRunning([{ agent, baseUrl }]);
  const wanted = { model: backend.model ?? knownCloudAt(baseUrl)?.model, who: nameOf(agent), server: new URL(baseUrl).origin };
  const { model: named, notice } = pickModel(wanted, asked);
  const { model, backend: taken, facts, notices } = fitted(agent, named, baseUrl);
  const councilModel = createChatCompletion({
    ...withoutUndefined<OptionalSettings>({
      label,
      apiKey: key,
      probe,
      contextTokens: backend.context_length ?? assumedContext(probe),
      accepts: acceptedAt(baseUrl, probe, { backend, model, facts }),
      parallel: backend.parallel,
      body: taken.extra_body as JSONObject | undefined,
    }),
    model,
    baseUrl,
    thinks: facts.reasoning,
    sampling: samplingOf(taken),
    experience: surroundings.experience(keyOf(probe, baseUrl, model)),
  });
  return {
    seat: seatOf(agent, { ...describedBy(facts), ...councilModel }),
    backend: { ...configured.backend, base_url: baseUrl, model: named },
    secrets: keyed.secrets,
    notices: [...keyed.notices, ...[notice, assumption(backend, probe)].filter((text) => text !== undefined), ...notices],
    ...(refusedAt !== undefined && { refusedAt }),
  };
}

type OptionalSettings = Pick<
  Parameters<typeof createChatCompletion>[0],
  "label" | "apiKey" | "probe" | "contextTokens" | "accepts" | "parallel" | "body"
>;

/** As the config says, the server tells, or for a known cloud the catalogue. PDFs are no part of the protocol as most servers speak it. */
function acceptedAt(
  baseUrl: string,
  probe: ServerProbe | undefined,
  { backend, model, facts }: Omit<Fitted, "notices">,
): Accepts | undefined {
  const told = probe?.models.find(({ id }) => id === model)?.vision;
  const vision = told ?? (knownCloudAt(baseUrl) !== undefined ? facts.input.images : undefined);
  return acceptsOf(backend) ?? (vision === undefined ? undefined : { images: vision, pdf: false });
}

/** Ollama cuts longer prompts without a word, and does not tell on this path where it cuts. */
const OLLAMA_CONTEXT = 4_096;

function assumedContext(probe: ServerProbe | undefined): number | undefined {
  return probe?.kind === "ollama" ? OLLAMA_CONTEXT : undefined;
}

/** Whoever serves models near here may call any of them `gpt-4`, and cut it where its memory ends. */
function fitted(agent: AgentConfig, model: string, baseUrl: string): Fitted {
  if (reachOf(baseUrl) === "public") return fittedToModel(agent, model);
  return { model, backend: agent.backend, facts: modelFacts("local", model), notices: [] };
}

function assumption({ context_length: said }: BackendConfig, probe: ServerProbe | undefined): string | undefined {
  const tokens = said === undefined ? assumedContext(probe) : undefined;
  if (tokens === undefined) return undefined;
  return `Ollama does not tell its context length here: ${tokens} tokens are assumed. context_length in a config says otherwise.`;
}

interface Question {
  readonly baseUrl: string;
  readonly key: string | undefined;
}

/** Known clouds are not asked: they tell neither slots nor what they are, and which model is usual is known. */
async function ask({ baseUrl, key }: Question, { probe }: Surroundings, signal: AbortSignal): Promise<ServerProbe | Failure | undefined> {
  if (knownCloudAt(baseUrl) !== undefined) return undefined;
  return probe(baseUrl, key === undefined ? {} : { apiKey: key }, signal);
}

function keyOf(probe: ServerProbe | undefined, baseUrl: string, model: string): string {
  return experienceKey(probe?.kind ?? "chatcompletion", new URL(baseUrl).origin, model);
}

function isRefusal(asked: ServerProbe | Failure | undefined, baseUrl: string): boolean {
  return asked !== undefined && "kind" in asked && asked.kind === "not-running" && reachOf(baseUrl) === "loopback";
}

/** Agents of one server are asked about it once. */
export function askedOnce(probe: typeof probeServer): typeof probeServer {
  const answers = new Map<string, ReturnType<typeof probeServer>>();
  return (baseUrl, options, signal) => {
    const key = JSON.stringify([baseUrl, options.apiKey]);
    const answer = answers.get(key) ?? probe(baseUrl, options, signal);
    answers.set(key, answer);
    return answer;
  };
}
