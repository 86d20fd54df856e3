import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { nearest } from "../core/nearest.ts";
import { clouds } from "./cloud-backends.ts";
import { chatProviderAt } from "../models/backends/chatcompletion/providers.ts";
import type { Environment } from "./interpolate.ts";
import type { AgentConfig } from "./schema.ts";

/** `groq`, `together-ai`: how a provider is called on the command line. */
function nameOf({ type, base_url: baseUrl }: AgentConfig["backend"]): string {
  const provider = type === "chatcompletion" && baseUrl !== undefined ? chatProviderAt(baseUrl) : undefined;
  return provider === undefined ? type.replaceAll("_", "-") : provider.title.toLowerCase().replaceAll(" ", "-");
}

const normalized = (name: string): string => name.trim().toLowerCase().replaceAll(/[_ ]/gu, "-");

/**
 * The backends of `massgen backends test`, each as an agent: of a config its agents, by id or backend; else the clouds by name, without names
 * those whose keys are set.
 * @throws MassgenError `usage` for a name that is none, `config` where there is nothing to test
 */
export function backendsToTest(
  names: readonly string[],
  configured: readonly AgentConfig[] | undefined,
  environment: Environment,
): readonly AgentConfig[] {
  if (configured !== undefined) return chosen(names, configured, (agent) => [agent.id, nameOf(agent.backend)]);
  const all = clouds.map(({ variables, backend }) => ({ id: nameOf(backend), backend, variables }));
  const isSet = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  const found = names.length > 0 ? chosen(names, all, ({ id }) => [id]) : all.filter(({ variables }) => variables.some(isSet));
  if (found.length > 0) return found.map(({ id, backend }) => ({ id, backend }));
  throw new MassgenError("config", "No key of a cloud is set, so there is no backend to test.", {
    hint: `Set one (OPENAI_API_KEY, ANTHROPIC_API_KEY, …), name a config (--config FILE), or one of ${listed(all.map(({ id }) => id))}.`,
  });
}

function chosen<Item>(names: readonly string[], items: readonly Item[], called: (item: Item) => readonly string[]): readonly Item[] {
  if (names.length === 0) return items;
  const known = [...new Set(items.flatMap(called))];
  return names.flatMap((name) => {
    const meant = items.filter((item) => called(item).some((other) => normalized(other) === normalized(name)));
    if (meant.length > 0) return meant;
    const near = nearest(name, known);
    throw new MassgenError("usage", `There is no backend "${name}" to test.`, {
      hint: near === undefined ? `There is ${listed(known)}.` : `Did you mean ${near}?`,
    });
  });
}
