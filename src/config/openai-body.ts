import { isMapping } from "./interpolate.ts";

/** Fields that configs write for OpenAI's newer interface, under the names that its chat interface has for them. */
export function openAiBody(given: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const { text, reasoning, ...body } = given;
  const verbosity = isMapping(text) ? text["verbosity"] : undefined;
  const effort = isMapping(reasoning) ? reasoning["effort"] : undefined;
  return {
    ...body,
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  };
}
