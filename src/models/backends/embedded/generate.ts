import { randomUUID } from "node:crypto";
import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { LlamaChatResponseChunk, LlamaContextSequence } from "node-llama-cpp";
import type { CallRequest } from "./call-request.ts";
import type { Engine } from "./find-embedded-engine.ts";

type Emit = (part: LanguageModelV4StreamPart) => void;
type Block = "text" | "reasoning";

/** Tokens of a prompt evaluated between two looks at the signal. */
const STEP_TOKENS = 256;

const FINISH: Readonly<Record<string, LanguageModelV4FinishReason["unified"]>> = {
  eogToken: "stop",
  stopGenerationTrigger: "stop",
  customStopTrigger: "stop",
  maxTokens: "length",
  functionCalls: "tool-calls",
};

/** Evaluates the prompt but for its last token in steps, so that a call given up does not hold its lane until the prompt's end. */
async function evaluatePrompt(sequence: LlamaContextSequence, request: CallRequest, signal: AbortSignal): Promise<void> {
  const head = request.tokens.slice(0, -1);
  await sequence.adaptStateToTokens(head, false);
  for (let from = sequence.nextTokenIndex; from < head.length; from += STEP_TOKENS) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(head.slice(from, from + STEP_TOKENS));
  }
}

/** Turns the engine's chunks into blocks of text and of thinking. */
function blocks(emit: Emit): {
  readonly add: (chunk: LlamaChatResponseChunk) => void;
  readonly end: () => void;
  readonly thought: () => number;
} {
  let open: { readonly type: Block; readonly id: string } | undefined;
  let count = 0;
  let thought = 0;
  const end = (): void => {
    if (open !== undefined) emit({ type: `${open.type}-end`, id: open.id });
    open = undefined;
  };
  return {
    end,
    thought: () => thought,
    add: (chunk) => {
      const type: Block = chunk.type === "segment" ? "reasoning" : "text";
      if (type === "reasoning") thought += chunk.tokens.length;
      if (chunk.text === "") return;
      if (open?.type !== type) {
        end();
        count += 1;
        open = { type, id: `${type}-${count}` };
        emit({ type: `${type}-start`, id: open.id });
      }
      emit({ type: `${type}-delta`, id: open.id, delta: chunk.text });
    },
  };
}

function emitCalls(emit: Emit, calls: readonly unknown[] | undefined): void {
  for (const call of calls ?? []) {
    const { functionName, params } = call as { readonly functionName: string; readonly params: unknown };
    emit({ type: "tool-call", toolCallId: randomUUID(), toolName: functionName, input: JSON.stringify(params ?? {}) });
  }
}

/** Runs one call on a sequence it has to itself. Rejects with the reason of the signal; the sequence is quiet by then. */
export async function generate(
  engine: Engine,
  sequence: LlamaContextSequence,
  request: CallRequest,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const before = sequence.tokenMeter.getState();
  const chat = new engine.LlamaChat({ contextSequence: sequence, chatWrapper: request.wrapper });
  const output = blocks(emit);
  try {
    emit({ type: "stream-start", warnings: request.warnings });
    await evaluatePrompt(sequence, request, signal);
    const { binding, thoughtTokens } = request;
    const grammar = binding.type === "grammar" ? { grammar: binding.grammar } : {};
    const reply = await chat.generateResponse(request.history, {
      ...request.sampling,
      ...(binding.type === "tools" ? { functions: binding.functions, documentFunctionParams: true, maxParallelFunctionCalls: 1 } : grammar),
      repeatPenalty: request.repeatPenalty,
      maxTokens: request.maxTokens,
      customStopTriggers: request.stopSequences,
      signal,
      onResponseChunk: output.add,
      ...(thoughtTokens === undefined ? {} : { budgets: { thoughtTokens } }),
    });
    output.end();
    emitCalls(emit, reply.functionCalls);
    const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.diff(before);
    const total = request.tokens.length;
    // The meter books the prompt's last token, which yields the first of the reply, as output.
    const fresh = Math.min(total, usedInputTokens + 1);
    const reasoning = output.thought();
    emit({
      type: "finish",
      finishReason: { unified: FINISH[reply.metadata.stopReason] ?? "other", raw: reply.metadata.stopReason },
      usage: {
        inputTokens: { total, noCache: fresh, cacheRead: total - fresh, cacheWrite: undefined },
        outputTokens: { total: usedOutputTokens, text: Math.max(0, usedOutputTokens - reasoning), reasoning },
      },
    });
  } finally {
    chat.dispose({ disposeSequence: false });
  }
}
