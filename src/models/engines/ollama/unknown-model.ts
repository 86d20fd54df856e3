import { someOf } from "../../../core/listed.ts";
import { nearestOf } from "../../../core/nearest.ts";
import type { EngineServer } from "../engine-server.ts";
import { entriesOf } from "./ollama-models.ts";

/** What there is instead of a model that is not there. Rejects where the list cannot be had. */
export async function unknownModel(server: EngineServer, model: string): Promise<string> {
  const tags = await entriesOf(server, "/api/tags", new AbortController().signal);
  const names = tags.map(({ name }) => String(name).replace(/:latest$/u, ""));
  const meant = nearestOf(model, names) ?? nearestOf(model.replace(/:.*$/su, ""), names);
  const advice = `ollama pull ${model}`;
  if (meant !== undefined) return `there is no model "${model}": is "${meant}" meant? Else: ${advice}`;
  if (names.length === 0) return `there is no model yet: ${advice}`;
  return `there is no model "${model}", but ${someOf(names)}. To have it: ${advice}`;
}
