import type { KnownModel } from "./known-models.ts";
import type { RefusedField } from "./model-facts.ts";

/** What the data package does not say of models, or says wrongly. */
interface Override {
  /** Over `modelKeys`: small letters and digits, `-` for every other mark. */
  readonly models: RegExp;
  /** Why this is here. */
  readonly why: string;
  readonly refuses?: readonly RefusedField[];
  readonly takesUnthinking?: readonly RefusedField[];
  readonly oneOf?: readonly RefusedField[];
  /** For models that the package does not have. */
  readonly unlessKnown?: Partial<KnownModel>;
  /** Whatever the package has. */
  readonly always?: Partial<KnownModel> & { readonly structured?: boolean };
}

const SAMPLING: readonly RefusedField[] = [
  "temperature",
  "top_p",
  "top_k",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
];

/** The later ones win. */
export const overrides: readonly Override[] = [
  {
    models: /^(?:gpt-(?!oss)|chatgpt-|o\d)/u,
    why: "OpenAI has no top_k in any of its interfaces; since gpt-4o its models keep to a schema and read images, and PDFs with them.",
    refuses: ["top_k"],
    unlessKnown: { images: true, pdf: true },
    always: { structured: true },
  },
  {
    models: /^(?:o\d|gpt-(?:[5-9]|\d\d)(?!.*-chat))/u,
    why: "OpenAI's thinking models answer 400 to sampling parameters (CFG-7).",
    refuses: [...SAMPLING, "stop"],
    unlessKnown: { reasoning: true },
  },
  {
    models: /^gpt-5-[1-9]/u,
    why: "gpt-5.1 brought the effort none, with which these three are taken; gpt-6 no longer has it.",
    takesUnthinking: ["temperature", "top_p", "logprobs"],
  },
  {
    models: /^(?:gpt-[34]|chatgpt-|gpt-5-chat)/u,
    why: "OpenAI's models that do not think answer 400 to an effort of reasoning.",
    refuses: ["reasoning_effort"],
    always: { reasoning: false },
  },
  {
    models: /^(?:gpt-[34]|chatgpt-|o\d)/u,
    why: "OpenAI has verbosity since gpt-5; before, any but medium is refused.",
    refuses: ["verbosity"],
  },
  {
    models: /^(?:gpt-3|gpt-4(?:-turbo|-32k|$)|o1-(?:mini|preview))/u,
    why: "Before gpt-4o, and in the first thinking models, OpenAI held no model to a schema.",
    always: { structured: false, pdf: false },
  },
  { models: /^gpt-4$/u, why: "Old, and not in the package.", unlessKnown: { contextTokens: 8_192, outputTokens: 8_192, images: false } },
  {
    models: /^gpt-3-5-turbo$/u,
    why: "Old, and not in the package.",
    unlessKnown: { contextTokens: 16_385, outputTokens: 4_096, images: false },
  },
  { models: /^gpt-4-1/u, why: "The package rounds: the model page says 1,047,576.", always: { contextTokens: 1_047_576 } },
  {
    models: /^gpt-[6-9]/u,
    why: "The package leaves out that they read PDFs, as all of OpenAI's models with vision do.",
    always: { pdf: true },
  },
  {
    models: /^gpt-oss-(?:20b|120b)/u,
    why: "The package gives one host's limit of output; the model card has 131,072 for both together.",
    always: { contextTokens: 131_072, outputTokens: 131_072 },
  },
  {
    models: /^claude-/u,
    why: "The Messages API has no such fields and refuses extra ones. All its models since Claude 3 read images and PDFs.",
    refuses: ["seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "verbosity"],
    unlessKnown: { images: true, pdf: true },
    always: { structured: false },
  },
  {
    models: /^claude-(?:2|instant)/u,
    why: "Old, and not in the package.",
    unlessKnown: { contextTokens: 100_000, outputTokens: 4_096, images: false, pdf: false },
  },
  { models: /^claude-2-1/u, why: "Old, and not in the package.", unlessKnown: { contextTokens: 200_000 } },
  {
    models: /^claude-3-(?:sonnet|haiku)$/u,
    why: "The package doubles it: Claude 3 writes at most 4,096 tokens.",
    always: { outputTokens: 4_096 },
  },
  {
    models: /^claude-(?:(?:opus|sonnet|haiku)-(?:4-[1-9]|[5-9])|fable|mythos)/u,
    why: "Claude is held to schemas since Opus 4.1, and since then refuses temperature and top_p together.",
    oneOf: ["temperature", "top_p"],
    always: { structured: true },
    unlessKnown: { reasoning: true },
  },
  {
    models: /^claude-(?:opus-4-[7-9]|(?:opus|sonnet|haiku)-[5-9]|fable|mythos)/u,
    why: 'From Opus 4.7 on Claude answers 400 to sampling parameters: "temperature is deprecated for this model".',
    refuses: ["temperature", "top_p", "top_k"],
  },
  {
    models: /^gemini-/u,
    why: "All since 1.5 read images and PDFs and keep to schemas.",
    unlessKnown: { images: true, pdf: true },
    always: { structured: true },
  },
  {
    models: /^gemini-(?!1-5|2-0)/u,
    why: 'Google took the penalties away with 2.5: "Penalty is not enabled for this model".',
    refuses: ["presence_penalty", "frequency_penalty"],
    unlessKnown: { reasoning: true },
  },
  {
    models: /^gemini-2-5-flash-lite/u,
    why: "The package has the limits of a withdrawn preview.",
    always: { contextTokens: 1_048_576, outputTokens: 65_536 },
  },
  {
    models: /^gemini-(?:1-5|2-0)-/u,
    why: "Old, and not in the package.",
    unlessKnown: { contextTokens: 1_048_576, outputTokens: 8_192 },
  },
  {
    models: /^grok-/u,
    why: "xAI has neither top_k nor logit_bias nor verbosity; its models keep to schemas since grok-2.",
    refuses: ["top_k", "logit_bias", "verbosity"],
    always: { structured: true },
  },
  {
    models: /^grok-(?:3-mini|[4-9])/u,
    why: "xAI's thinking models answer 400 to penalties and stop.",
    refuses: ["presence_penalty", "frequency_penalty", "stop"],
    unlessKnown: { images: true, reasoning: true },
  },
  {
    models: /^grok-(?:2|3(?!-mini)|4(?:$|-0|-1|-fast))/u,
    why: "grok-3 does not think, grok-4 to 4.1 always do: an effort is refused by them.",
    refuses: ["reasoning_effort"],
  },
  { models: /^grok-4(?:$|-0|-1|-fast)/u, why: "The package leaves out that grok-4 reads images.", always: { images: true } },
  { models: /^grok-4-(?:1-)?fast/u, why: "Not in the package.", unlessKnown: { contextTokens: 2_000_000, outputTokens: 30_000 } },
  {
    models: /^(?:glm-|deepseek-)/u,
    why: "Z.AI and DeepSeek have a mode for JSON, not for schemas.",
    always: { structured: false },
  },
  {
    models: /^glm-4-5-(?:flash|x|airx)$/u,
    why: "Not in the package.",
    unlessKnown: { contextTokens: 131_072, outputTokens: 98_304, reasoning: true },
  },
  { models: /^glm-4-6$/u, why: "Not in the package.", unlessKnown: { contextTokens: 200_000, outputTokens: 131_072, reasoning: true } },
  {
    models: /(?:^|-)(?:vl|vision|llava|pixtral|internvl|minicpm-v|moondream)(?:\d|-|$)|^gemma-3-(?:4|12|27)b|^llama-4-/u,
    why: "Open models that read images say so in their names.",
    unlessKnown: { images: true },
  },
  {
    models: /^kimi-(?:k2-[5-9]|k[3-9]|for-coding)/u,
    why: 'Moonshot fixed them: "invalid temperature: only 1 is allowed for this model", and likewise the others.',
    refuses: ["temperature", "top_p", "presence_penalty", "frequency_penalty"],
  },
];
