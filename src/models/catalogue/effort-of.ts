import { knownModels } from "./known-models.ts";
import { modelKey } from "./model-key.ts";

/** How long a model may think. */
export type Effort = "minimal" | "low" | "medium" | "high" | "xhigh";

/** Families of which MassGen's users write the effort behind the name. */
const PSEUDO_NAME = /^(?<model>o\d[\w.-]*?|gpt-[5-9][\w.-]*?|grok-3-mini[\w.-]*?)-(?<effort>minimal|low|medium|high|xhigh)$/iu;

/**
 * `o3-mini-high` is no model: it means o3-mini with high effort. A name with a provider before it (`openai/o3-mini-high` of OpenRouter) is
 * the model's own and stays, and so does one that the catalogue knows.
 */
export function effortOf(model: string): { readonly model: string; readonly effort?: Effort } {
  const name = model.trim();
  const { model: base, effort } = PSEUDO_NAME.exec(name)?.groups ?? {};
  if (base === undefined || effort === undefined || Object.hasOwn(knownModels, modelKey(name))) return { model };
  return { model: base, effort: effort.toLowerCase() as Effort };
}
