import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Options } from "@anthropic-ai/claude-agent-sdk";
import { collectStream } from "../../collect-stream.ts";
import { conversationText } from "./conversation-text.ts";
import { crashed } from "./failure-of-result.ts";
import { type ClaudeCode, loadClaudeCode } from "./find-claude-code.ts";
import { queryOptions, type CallSettings } from "./query-options.ts";
import { createProgram, type Program } from "./spawn-program.ts";
import { createStreamParts } from "./stream-parts.ts";

export interface ModelSettings extends CallSettings {
  readonly modelId: string;
  readonly apiKey: string | undefined;
  /** The agent's own folder; made when it is first asked for. */
  readonly folder: () => Promise<string>;
  readonly environmentOf: () => Readonly<Record<string, string | undefined>>;
  /** Learns of every program that is started. */
  readonly onStart: (program: Program) => void;
}

/** In characters. */
const LONGEST_COMPLAINT = 4_000;

/**
 * Claude Code as an AI SDK language model. Every call is a program of its own that knows nothing of earlier ones: it gets the whole
 * conversation, and its folder is what it keeps. What its tools do are calls that the provider executed. Aborting ends the program and what
 * it has started.
 */
export function claudeCodeModel(settings: ModelSettings): LanguageModelV4 {
  const open = async (call: LanguageModelV4CallOptions): Promise<ReadableStream<LanguageModelV4StreamPart>> => {
    const [sdk, folder] = await Promise.all([loadClaudeCode(), settings.folder()]);
    call.abortSignal?.throwIfAborted();
    const program = createProgram(settings.apiKey, settings.onStart);
    return streamOf({ sdk, program, call, folder }, settings);
  };
  return {
    specificationVersion: "v4",
    provider: "claude_code",
    modelId: settings.modelId,
    supportedUrls: {},
    doStream: async (call) => ({ stream: await open(call) }),
    doGenerate: async (call) => collectStream(await open(call)),
  };
}

interface Opened {
  readonly sdk: ClaudeCode;
  readonly program: Program;
  readonly call: LanguageModelV4CallOptions;
  readonly folder: string;
}

function streamOf({ sdk, program, call, folder }: Opened, settings: ModelSettings): ReadableStream<LanguageModelV4StreamPart> {
  const { system, text } = conversationText(call.prompt);
  let complaint = "";
  const options: Options = {
    ...queryOptions(settings, { call, system, folder, environment: settings.environmentOf() }),
    spawnClaudeCodeProcess: program.spawn,
    stderr: (words) => (complaint = (complaint + words).slice(-LONGEST_COMPLAINT)),
  };
  const kill = (): void => void program.kill();
  let isGivenUp = false;
  return new ReadableStream({
    async start(controller) {
      call.abortSignal?.addEventListener("abort", kill, { once: true });
      controller.enqueue({ type: "stream-start", warnings: [] });
      const parts = createStreamParts(
        call.responseFormat?.type === "json",
        Number(call.providerOptions?.["massgen"]?.["tokensLeft"] ?? Infinity),
      );
      void (async () => {
        try {
          const enqueue = (part: LanguageModelV4StreamPart): void => {
            if (!isGivenUp) controller.enqueue(part);
          };
          for await (const message of sdk.query({ prompt: text, options })) {
            const taken = parts.take(message);
            taken.forEach(enqueue);
            if (taken.some(({ type }) => type === "finish" || type === "error")) {
              // Leaving the loop alone would wait for the program, which may want to go on.
              kill();
              break;
            }
          }
        } catch (error) {
          if (!isGivenUp)
            controller.enqueue({ type: "error", error: call.abortSignal?.aborted === true ? error : crashed(error, complaint) });
        } finally {
          call.abortSignal?.removeEventListener("abort", kill);
          if (!isGivenUp) controller.close();
          kill();
        }
      })();
    },
    cancel() {
      isGivenUp = true;
      kill();
    },
  });
}
