import { listed } from "../../core/listed.ts";
import type { ModelFacts, RefusedField } from "./model-facts.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Other names of a field in configs: OpenAI's newer interface nests them. */
const alsoCalled: Partial<Record<RefusedField, readonly string[]>> = {
  logprobs: ["top_logprobs"],
  reasoning_effort: ["reasoning"],
  verbosity: ["text"],
};

/**
 * The fields of a request that a model takes, and the names of those it would refuse.
 * @param fields under the names that configs have for them
 */
export function withoutRefused<Given extends Fields>(fields: Given, facts: ModelFacts): { kept: Given; refused: readonly string[] } {
  const given = (name: string): boolean => fields[name] !== undefined;
  const refuses = facts.refuses.filter((name) => !isUnthinking(fields) || facts.takesUnthinking?.includes(name) !== true);
  const second = (facts.oneOf ?? []).filter(given).slice(1);
  const unwelcome = [...new Set([...refuses, ...second])].flatMap((name) => [name, ...(alsoCalled[name] ?? [])]);
  const refused = unwelcome.filter(given);
  if (refused.length === 0) return { kept: fields, refused };
  return { kept: Object.fromEntries(Object.entries(fields).filter(([name]) => !refused.includes(name))) as Given, refused };
}

/** Whether the model is told not to think. */
function isUnthinking({ reasoning_effort: effort, reasoning }: Fields): boolean {
  return effort === "none" || (typeof reasoning === "object" && reasoning !== null && (reasoning as Fields)["effort"] === "none");
}

/** `gpt-5 does not take temperature and top_p: they are left out.` */
export function refusalNotice(model: string, refused: readonly string[]): string {
  return `${model} does not take ${listed(refused)}: ${refused.length === 1 ? "it is" : "they are"} left out.`;
}
