import { nearest } from "../../../core/nearest.ts";
import type { EngineServer } from "../engine-server.ts";
import { entriesOf } from "./ollama-models.ts";

const MOST_NAMES = 5;

/** What there is instead of a model that is not there. Rejects where the list cannot be had. */
export async function unknownModel(server: EngineServer, model: string): Promise<string> {
  const tags = await entriesOf(server, "/api/tags", new AbortController().signal);
  const names = tags.map(({ name }) => String(name).replace(/:latest$/u, ""));
  const folded = model.toLowerCase();
  const stem = folded.split(":")[0] ?? folded;
  const meant = nearest(model, names) ?? names.find((name) => name.toLowerCase().includes(stem) || folded.includes(name.toLowerCase()));
  const advice = `ollama pull ${model}`;
  if (meant !== undefined) return `there is no model "${model}": is "${meant}" meant? Else: ${advice}`;
  if (names.length === 0) return `there is no model yet: ${advice}`;
  return `there is no model "${model}", but ${names.slice(0, MOST_NAMES).join(", ")}${names.length > MOST_NAMES ? ", …" : ""}. To have it: ${advice}`;
}
