import { randomInt } from "node:crypto";
import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatHistoryItem, ChatModelFunctions, ChatWrapper, GbnfJsonBasicSchema, LlamaGrammar, Token } from "node-llama-cpp";
import { ContextOverflowError } from "../../fit-context.ts";
import { callingWrapper } from "./chat-wrapper.ts";
import { chatHistory } from "./chat-history.ts";
import { grammarSchema } from "./grammar-schema.ts";
import type { OpenModel } from "./open-model.ts";

/** What a reply is held to; the engine takes one of these at a time. */
export type Binding =
  | { readonly type: "none" }
  | { readonly type: "grammar"; readonly grammar: LlamaGrammar }
  | { readonly type: "tools"; readonly functions: ChatModelFunctions; readonly forced: boolean };

/** One call in the engine's terms. */
export interface CallRequest {
  readonly history: ChatHistoryItem[];
  readonly wrapper: ChatWrapper;
  /** The prompt as the model reads it. */
  readonly tokens: Token[];
  readonly binding: Binding;
  readonly maxTokens: number;
  readonly sampling: {
    readonly temperature: number;
    readonly seed: number;
    readonly topP: number;
    readonly topK: number;
    readonly minP: number;
  };
  readonly repeatPenalty: false | { readonly penalty: number; readonly frequencyPenalty?: number; readonly presencePenalty?: number };
  readonly stopSequences: readonly string[];
  /** Tokens the model may think; absent: the engine's own bound. */
  readonly thoughtTokens?: number;
  readonly warnings: SharedV4Warning[];
}

/** What llama.cpp itself takes where nobody says anything; the binding's default is greedy, which makes all agents say the same. */
const USUAL_SAMPLING = { temperature: 0.8, topP: 0.95, topK: 40, minP: 0.05 };

/** Keeps small models out of loops; what the binding documents as its default and does not apply. */
const REPEAT_PENALTY = 1.1;

/** Room for the tokens that open a tool call, which the engine writes itself. */
const TOOL_FRAME_TOKENS = 48;

function offeredTools({ tools = [], toolChoice }: LanguageModelV4CallOptions): readonly LanguageModelV4FunctionTool[] {
  if (toolChoice?.type === "none") return [];
  const own = tools.filter((tool) => tool.type === "function");
  return toolChoice?.type === "tool" ? own.filter((tool) => tool.name === toolChoice.toolName) : own;
}

function functionsOf(tools: readonly LanguageModelV4FunctionTool[]): ChatModelFunctions {
  const entries = tools.map(({ name, description, inputSchema }) => [
    name,
    { ...(description === undefined ? {} : { description }), params: grammarSchema(inputSchema) },
  ]);
  return Object.fromEntries(entries) as ChatModelFunctions;
}

async function bindingOf({ llama }: OpenModel, { responseFormat, ...options }: LanguageModelV4CallOptions): Promise<Binding> {
  if (responseFormat?.type === "json") {
    const { schema } = responseFormat;
    if (schema === undefined) return { type: "grammar", grammar: await llama.getGrammarFor("json") };
    // The binding infers the type of replies from a literal schema; there is none here.
    const grammar = await llama.createGrammarForJsonSchema(grammarSchema(schema) as GbnfJsonBasicSchema);
    return { type: "grammar", grammar };
  }
  const tools = offeredTools(options);
  if (tools.length === 0) return { type: "none" };
  const forced = options.toolChoice?.type === "required" || options.toolChoice?.type === "tool";
  return { type: "tools", functions: functionsOf(tools), forced };
}

function thoughtTokens({ providerOptions, reasoning }: LanguageModelV4CallOptions): number | undefined {
  const own = providerOptions?.["embedded"]?.["thoughtTokens"];
  if (typeof own === "number") return own;
  return reasoning === "none" ? 0 : undefined;
}

function warningsFor(options: LanguageModelV4CallOptions, binding: Binding): SharedV4Warning[] {
  const foreign = (options.tools ?? []).some((tool) => tool.type === "provider");
  const dropped = binding.type === "grammar" && offeredTools(options).length > 0;
  return [
    ...(foreign ? [{ type: "unsupported", feature: "provider tools" } as const] : []),
    ...(dropped ? [{ type: "unsupported", feature: "tools", details: "A reply bound to a schema cannot call tools." } as const] : []),
  ];
}

function samplingOf(options: LanguageModelV4CallOptions): CallRequest["sampling"] {
  return {
    temperature: options.temperature ?? USUAL_SAMPLING.temperature,
    topP: options.topP ?? USUAL_SAMPLING.topP,
    topK: options.topK ?? USUAL_SAMPLING.topK,
    minP: USUAL_SAMPLING.minP,
    // The binding's default seed is the second of the clock: two calls at once would say the same.
    seed: options.seed ?? randomInt(2 ** 31),
  };
}

/** A label named in the reason of a ballot must not be less likely as its choice: bound replies are not punished for repeating. */
function penaltyOf(options: LanguageModelV4CallOptions, binding: Binding): CallRequest["repeatPenalty"] {
  const { frequencyPenalty, presencePenalty } = options;
  if (binding.type !== "none") return false;
  return {
    penalty: REPEAT_PENALTY,
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
  };
}

/** The prompt as the model reads it, tools included. */
function promptTokens({ model }: OpenModel, wrapper: ChatWrapper, chatHistory: ChatHistoryItem[], binding: Binding): Token[] {
  const offer = binding.type === "tools" ? { availableFunctions: binding.functions, documentFunctionParams: true } : {};
  return wrapper.generateContextState({ chatHistory, ...offer }).contextText.tokenize(model.tokenizer);
}

/** Room for the reply. The engine would move the beginning of the prompt out, in silence, one token further. */
function roomFor(prompt: number, context: number, binding: Binding): number {
  const room = context - prompt - 1 - (binding.type === "tools" ? TOOL_FRAME_TOKENS : 0);
  if (room < 1) throw new ContextOverflowError(prompt, context);
  return room;
}

/**
 * Prepares a call: history, grammar or tools, and the exact prompt tokens.
 * @throws ContextOverflowError when prompt and one token of output do not fit a lane
 */
export async function callRequest(open: OpenModel, options: LanguageModelV4CallOptions): Promise<CallRequest> {
  const binding = await bindingOf(open, options);
  const wrapper = binding.type === "tools" && binding.forced ? callingWrapper(open.wrapper) : open.wrapper;
  const history = chatHistory(options.prompt);
  const tokens = promptTokens(open, wrapper, history, binding);
  const room = roomFor(tokens.length, open.context.contextSize, binding);
  const thoughts = thoughtTokens(options);
  return {
    history,
    wrapper,
    tokens,
    binding,
    maxTokens: Math.min(options.maxOutputTokens ?? room, room),
    sampling: samplingOf(options),
    repeatPenalty: penaltyOf(options, binding),
    stopSequences: options.stopSequences ?? [],
    ...(thoughts === undefined ? {} : { thoughtTokens: thoughts }),
    warnings: warningsFor(options, binding),
  };
}
