import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { ToolCall } from "../core/facts/outcome.ts";
import type { BallotForm, Message, Prompt, ToolDefinition } from "../core/messages.ts";
import { BALLOT } from "../core/ballots/read-ballot.ts";
import { withoutControlTokens } from "../core/prompts/fence.ts";
import { ballotSchema } from "./ballot-schema.ts";
import { filePart, type ReadBlob } from "./file-parts.ts";
import type { CouncilModel } from "./model.ts";

/** What goes with a prompt and is not in it. */
export interface Beside {
  /** The contents of its files. */
  readonly read: ReadBlob;
  /** Of the tools that it offers. */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** All calls of one run name the same. */
  readonly run?: string | undefined;
}

/** What a call sends: the prompt, how to sample, the tools that may be called, and how a ballot is enforced on its rung. */
export function toCallOptions(
  model: CouncilModel,
  prompt: Prompt,
  { read, tools = [], run }: Beside,
  signal: AbortSignal,
): LanguageModelV4CallOptions {
  const { ballot } = prompt;
  const providerOptions = providerOptionsOf(model, prompt, run);
  return {
    prompt: prompt.messages.map((message) => toMessage(message, read, model.providerOptions?.head)),
    // Zero is no limit to Ollama, one token to llama.cpp and an error to vLLM.
    maxOutputTokens: Math.max(
      1,
      Math.min(prompt.maxOutputTokens, (ballot === undefined ? model.sampling.maxTokens : undefined) ?? Infinity),
    ),
    ...samplingOf(model, ballot !== undefined),
    ...(ballot === undefined
      ? offered(prompt.presents === true ? [] : model.providerTools, tools)
      : { ...enforcementOf(ballot), ...thinkingOver(model) }),
    ...(providerOptions === undefined ? {} : { providerOptions }),
    includeRawChunks: true,
    abortSignal: signal,
  };
}

/** Decisions are made without dice; everything else samples as the agent was told to. */
function samplingOf(
  { sampling, refuses }: CouncilModel,
  deciding: boolean,
): Pick<LanguageModelV4CallOptions, "temperature" | "topP" | "topK" | "seed"> {
  const seed = sampling.seed === undefined ? {} : { seed: sampling.seed };
  if (deciding) return { ...(refuses?.includes("temperature") !== true && { temperature: 0 }), ...seed };
  return {
    ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling.topP === undefined ? {} : { topP: sampling.topP }),
    ...(sampling.topK === undefined ? {} : { topK: sampling.topK }),
    ...seed,
  };
}

function thinkingOver({ ballotReasoning }: CouncilModel): Pick<LanguageModelV4CallOptions, "reasoning"> {
  return ballotReasoning === undefined ? {} : { reasoning: ballotReasoning };
}

function offered(
  providerTools: CouncilModel["providerTools"] = [],
  tools: readonly ToolDefinition[],
): Pick<LanguageModelV4CallOptions, "tools" | "toolChoice"> {
  if (providerTools.length + tools.length === 0) return {};
  return { tools: [...providerTools, ...tools.map(functionTool)], ...(tools.length === 0 ? {} : { toolChoice: { type: "auto" } }) };
}

/** Chat templates put definitions into the prompt as they are: what a server says of its tools must not end a turn there. */
function functionTool({ name, description, inputSchema }: ToolDefinition): LanguageModelV4FunctionTool {
  const { about, schema } = JSON.parse(withoutControlTokens(JSON.stringify({ about: description, schema: inputSchema }))) as Definition;
  return { type: "function", name, ...(about === undefined ? {} : { description: about }), inputSchema: schema };
}

interface Definition {
  readonly about?: string;
  readonly schema: JSONSchema7;
}

function enforcementOf(ballot: BallotForm): Pick<LanguageModelV4CallOptions, "responseFormat" | "tools" | "toolChoice"> {
  const schema = ballotSchema(ballot.choices);
  if (ballot.rung === "schema") return { responseFormat: { type: "json", name: BALLOT, schema } };
  if (ballot.rung === "text") return {};
  return {
    tools: [{ type: "function", name: BALLOT, inputSchema: schema, strict: true }],
    toolChoice: { type: "tool", toolName: BALLOT },
  };
}

function providerOptionsOf(
  model: CouncilModel,
  { ballot, tokensLeft }: Prompt,
  run: string | undefined,
): SharedV4ProviderOptions | undefined {
  const { always, ofRun } = model.providerOptions ?? {};
  const deciding = ballot === undefined ? undefined : decidingFields(model, ballot);
  const bound = tokensLeft === undefined ? undefined : { massgen: { tokensLeft } };
  const all = [always, run === undefined ? undefined : ofRun?.(run), deciding, bound].filter((options) => options !== undefined);
  if (all.length < 2) return all[0];
  const merged: SharedV4ProviderOptions = {};
  for (const options of all) {
    for (const [provider, fields] of Object.entries(options)) merged[provider] = { ...merged[provider], ...fields };
  }
  return merged;
}

function decidingFields({ providerOptions }: CouncilModel, { rung, choices }: BallotForm): SharedV4ProviderOptions | undefined {
  return rung === "text" ? providerOptions?.labelled?.(choices) : providerOptions?.ballot;
}

function toMessage(message: Message, read: ReadBlob, marked: SharedV4ProviderOptions | undefined): LanguageModelV4Message {
  if (message.role === "system") return { role: "system", content: message.text };
  if (message.role === "user") {
    const files = (message.attachments ?? []).map((attachment) => filePart(attachment, read));
    return { role: "user", content: [...files, ...textParts(message, marked)] };
  }
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(toToolCall);
    const silent = message.text === "" && calls.length > 0;
    return { role: "assistant", content: [...(silent ? [] : [{ type: "text" as const, text: message.text }]), ...calls] };
  }
  return {
    role: "tool",
    content: message.results.map(({ id, name, text }) => ({
      type: "tool-result",
      toolCallId: id,
      toolName: name,
      output: { type: "text", value: text },
    })),
  };
}

/** A head that is to be marked is a part of its own: caches keep whole parts. */
function textParts(
  { text, headLength = 0 }: Extract<Message, { role: "user" }>,
  marked: SharedV4ProviderOptions | undefined,
): readonly LanguageModelV4TextPart[] {
  if (marked === undefined || headLength === 0) return [{ type: "text", text }];
  return [
    { type: "text", text: text.slice(0, headLength), providerOptions: marked },
    { type: "text", text: text.slice(headLength) },
  ];
}

/** Engines answer 400 or 500 when the history holds arguments that are no JSON object, so such a call goes back without any. */
function toToolCall(call: ToolCall): LanguageModelV4ToolCallPart {
  return { type: "tool-call", toolCallId: call.id, toolName: call.name, input: parsedInput(call.input) };
}

function parsedInput(input: string): object {
  try {
    const parsed: unknown = JSON.parse(input);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
