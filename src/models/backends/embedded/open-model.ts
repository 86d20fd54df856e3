import { availableParallelism } from "node:os";
import type { ChatWrapper, Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { MassgenError } from "../../../core/errors.ts";
import { modelChatWrapper } from "./chat-wrapper.ts";
import { findEmbeddedEngine, type Engine, type FoundEngine } from "./find-embedded-engine.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { atMost } from "./at-most.ts";
import { freeMemory, requireMemory } from "./memory-for.ts";
import { createSharedResource, type SharedResource } from "./shared-resource.ts";

/** A model in memory with its lanes, ready for calls. */
export interface OpenModel {
  readonly engine: Engine;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly wrapper: ChatWrapper;
  readonly context: LlamaContext;
  readonly lanes: Lanes<LlamaContextSequence, Token>;
}

export interface ModelToOpen {
  readonly path: string;
  readonly lanes: number;
  readonly contextTokens: number;
  readonly threads: number;
  readonly weightBytes: number;
  /** Of all lanes together. */
  readonly contextBytes: number;
  readonly enginesDir?: string;
  /** Called with 0 to 1 while the file is read. */
  readonly onLoad: (fraction: number) => void;
}

interface Running {
  readonly engine: Engine;
  readonly llama: Llama;
}

/** Steps of a cached prompt that models without a full cache (sliding windows, recurrent ones) can go back to. */
const CHECKPOINT_TOKENS = 512;
const BATCH_TOKENS = 512;
/** The engine was seen, once in many runs, to hang in giving a model back; the end of the process frees its memory all the same. */
const LONGEST_DISPOSAL_MS = 3_000;

/**
 * Never more threads than cores, never none, and by default one core left to everybody else: the engine's threads wait for each other
 * by spinning, so that a single busy process beside them makes a model a hundred times slower (decision 6).
 */
export function threadCount(wanted: number | undefined, cores: number = availableParallelism()): number {
  return Math.max(1, Math.min(wanted ?? cores - 1, cores));
}

function foundEngine(enginesDir: string | undefined): FoundEngine {
  const found = findEmbeddedEngine(enginesDir);
  if (found !== undefined) return found;
  throw new MassgenError("engine-missing", "The embedded engine is not installed.", {
    hint: "Run `massgen engines add embedded` (about 85 MB), or use a local server such as LM Studio or Ollama.",
  });
}

async function startEngine(entry: string): Promise<Running> {
  try {
    const engine = (await import(entry)) as Engine;
    const llama = await engine.getLlama({
      gpu: "auto",
      build: "never",
      skipDownload: true,
      // A bound for all contexts; how many one takes is said where it is made.
      maxThreads: threadCount(availableParallelism()),
      logLevel: engine.LlamaLogLevel.disabled,
      progressLogs: false,
    });
    return { engine, llama };
  } catch (error) {
    throw new MassgenError("engine-missing", "The embedded engine is installed but cannot start on this machine.", {
      hint: `It was found at ${entry}. Run \`massgen engines add embedded\` to install it anew.`,
      cause: error,
    });
  }
}

/** One engine a process, whoever needs it; by its place, of which there is more than one only in tests. */
const engines = new Map<string, SharedResource<Running>>();

function sharedEngine({ entry }: FoundEngine): SharedResource<Running> {
  const known = engines.get(entry);
  if (known !== undefined) return known;
  const engine = createSharedResource(
    () => startEngine(entry),
    ({ llama }) => llama.dispose(),
  );
  engines.set(entry, engine);
  return engine;
}

function explained(path: string, error: unknown): MassgenError {
  if (error instanceof MassgenError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const memory =
    error instanceof Error &&
    /insufficient ?memory|out of memory|too large|failed to allocate/i.test(`${error.constructor.name} ${reason}`);
  return memory
    ? new MassgenError("model-file", `There is not enough memory for the model ${path}: ${reason.replace(/\.$/, "")}.`, {
        hint: "Take a smaller model, a smaller `context_length`, or close other programs.",
        cause: error,
      })
    : new MassgenError("model-file", `The engine cannot load the model file ${path}: ${reason.replace(/\.$/, "")}.`, {
        hint: "The file may be damaged or of a kind this engine does not know; get it again with `massgen models pull`.",
        cause: error,
      });
}

async function load({ engine, llama }: Running, wanted: ModelToOpen): Promise<OpenModel> {
  const onCards = llama.gpu === false ? 0 : (await llama.getVramState()).free;
  requireMemory(wanted, freeMemory() + onCards);
  const model = await llama.loadModel({ modelPath: wanted.path, onLoadProgress: wanted.onLoad });
  try {
    const context = await model.createContext({
      sequences: wanted.lanes,
      contextSize: wanted.contextTokens,
      batchSize: Math.min(BATCH_TOKENS, wanted.contextTokens),
      threads: wanted.threads,
      swaFullCache: true,
    });
    const sequences = Array.from({ length: wanted.lanes }, () => context.getSequence({ checkpoints: { interval: CHECKPOINT_TOKENS } }));
    return { engine, llama, model, wrapper: modelChatWrapper(engine, model), context, lanes: createLanes(sequences) };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function loadOn(engine: SharedResource<Running>, wanted: ModelToOpen): Promise<OpenModel> {
  try {
    return await load(await engine.join(), wanted);
  } catch (error) {
    await engine.leave();
    throw explained(wanted.path, error);
  }
}

/** A model all agents of one file share: loaded when first joined, out of memory when the last has left. */
export function sharedModel(wanted: ModelToOpen): SharedResource<OpenModel> {
  let engine: SharedResource<Running> | undefined;
  return createSharedResource(
    async () => {
      engine = sharedEngine(foundEngine(wanted.enginesDir));
      return loadOn(engine, wanted);
    },
    ({ model }) => {
      const giveBack = async (): Promise<void> => {
        await model.dispose();
        await engine?.leave();
      };
      return atMost(LONGEST_DISPOSAL_MS, giveBack());
    },
  );
}
