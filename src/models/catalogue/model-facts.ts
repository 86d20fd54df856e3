import { servedKinds } from "../engines/served-engines.ts";
import { knownModels, type Price } from "./known-models.ts";
import { modelKeys } from "./model-key.ts";
import { overrides } from "./overrides.ts";

/** Fields of a request as configs name them, that some models refuse. */
export type RefusedField =
  | "temperature"
  | "top_p"
  | "top_k"
  | "seed"
  | "stop"
  | "presence_penalty"
  | "frequency_penalty"
  | "logit_bias"
  | "logprobs"
  | "reasoning_effort"
  | "verbosity";

/** What a model can do and takes, whoever serves it. What a backend cannot pass on is the backend's to say. */
export interface ModelFacts {
  /** Tokens of prompt and output together; absent where nobody says. */
  readonly contextTokens?: number;
  readonly outputTokens?: number;
  readonly input: { readonly images: boolean; readonly pdf: boolean };
  /** Whether it can think before it answers. */
  readonly reasoning: boolean;
  /** Fields with which its provider refuses a request. */
  readonly refuses: readonly RefusedField[];
  /** Those of them that it takes when it is told not to think: with the effort `none`. */
  readonly takesUnthinking?: readonly RefusedField[];
  /** Of these it takes one at a time; the first stays. */
  readonly oneOf?: readonly RefusedField[];
  /** Whether its provider holds it to a JSON schema; absent where nobody says. */
  readonly structured?: boolean;
  /** Of its maker; absent where nobody says. Who else serves it may take more or less. */
  readonly price?: Price;
  /** Whether the catalogue has this very model; false where all that is said is what its family has in common, or nothing. */
  readonly known: boolean;
}

const nothing: ModelFacts = { input: { images: false, pdf: false }, reasoning: false, refuses: [], known: false };

/** Engines say themselves what their models can do. */
const local: ReadonlySet<string> = new Set([...servedKinds, "embedded", "local"]);

/**
 * What is known of a model of a backend.
 * @param type of the backend, such as `openai`
 * @param model as a config names it, with or without a provider before it and a date behind it
 */
export function modelFacts(type: string, model: string): ModelFacts {
  if (local.has(type)) return nothing;
  const keys = modelKeys(model);
  const row = keys.map((key) => (Object.hasOwn(knownModels, key) ? knownModels[key] : undefined)).find((row) => row !== undefined);
  const rules = overrides.filter(({ models }) => keys.some((key) => models.test(key)));
  const { images, pdf, ...rest } = {
    images: false,
    pdf: false,
    reasoning: false,
    ...merged(rules, "unlessKnown"),
    ...row,
    ...merged(rules, "always"),
  };
  const takesUnthinking = rules.flatMap((rule) => rule.takesUnthinking ?? []);
  const oneOf = rules.find((rule) => rule.oneOf !== undefined)?.oneOf;
  return {
    ...rest,
    input: { images, pdf },
    refuses: [...new Set(rules.flatMap(({ refuses }) => refuses ?? []))],
    ...(takesUnthinking.length > 0 && { takesUnthinking }),
    ...(oneOf !== undefined && { oneOf }),
    known: row !== undefined || rest.contextTokens !== undefined,
  };
}

type Rule = (typeof overrides)[number];

function merged(rules: readonly Rule[], which: "unlessKnown" | "always"): NonNullable<Rule["always"]> {
  return Object.assign({}, ...rules.map((rule) => rule[which])) as NonNullable<Rule["always"]>;
}
