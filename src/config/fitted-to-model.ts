import { type Effort, effortOf } from "../models/catalogue/effort-of.ts";
import { type ModelFacts, modelFacts } from "../models/catalogue/model-facts.ts";
import { refusalNotice, withoutRefused } from "../models/catalogue/without-refused.ts";
import { nameOf } from "./council.ts";
import { isMapping } from "./interpolate.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** A backend with what its model takes. */
export interface Fitted {
  /** As the provider knows it. */
  readonly model: string;
  readonly backend: BackendConfig;
  readonly facts: ModelFacts;
  readonly notices: readonly string[];
}

/** Leaves out what the model of an agent would refuse, and says so; `o3-low` becomes o3 and the effort low. */
export function fittedToModel(agent: AgentConfig, named: string): Fitted {
  // A package has its own names for everything.
  const { model, effort } = agent.backend.type === "ai_sdk" ? { model: named } : effortOf(named);
  const backend = effort === undefined ? agent.backend : withEffort(agent.backend, effort);
  const facts = modelFacts(backend.type, model);
  const { extra_body: body = {}, fields = {}, ...own } = backend;
  const { refused } = withoutRefused({ ...own, ...body, ...fields }, facts);
  const { max_tokens: limit } = own;
  const most = Math.min(limit ?? Infinity, facts.outputTokens ?? Infinity);
  return {
    model,
    backend: {
      ...without(own, refused),
      ...(Number.isFinite(most) && { max_tokens: most }),
      ...(backend.extra_body !== undefined && { extra_body: without(body, refused) }),
      ...(backend.fields !== undefined && { fields: without(fields, refused) }),
    },
    facts,
    notices: refused.length === 0 ? [] : [`${nameOf(agent)}: ${refusalNotice(model, refused)}`],
  };
}

/** An effort that is written out counts more than one in the name. Each interface has another place for it. */
function withEffort(backend: BackendConfig, effort: Effort): BackendConfig {
  const { extra_body: body = {}, fields = {}, type } = backend;
  if (type === "grok") return { ...backend, fields: { reasoning_effort: effort, ...fields } };
  if (type !== "openai") return { ...backend, extra_body: { reasoning_effort: effort, ...body } };
  const { reasoning } = fields;
  return { ...backend, fields: { ...fields, reasoning: { effort, ...(isMapping(reasoning) ? reasoning : {}) } } };
}

function without<Fields extends object>(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))) as Fields;
}
