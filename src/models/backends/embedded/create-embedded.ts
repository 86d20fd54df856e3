import { realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import { checkModelFile } from "../../files/check-model-file.ts";
import type { Experience } from "../../experience.ts";
import { hardwareTimeouts } from "../../hardware-timeouts.ts";
import { remediesFor } from "../../engines/remedies-for.ts";
import type { CouncilModel, LoadProgress, Sampling, Timeouts } from "../../model.ts";
import { createQueue } from "../../queue/engine-queue.ts";
import type { Queue } from "../../queue/queue.ts";
import { rememberedRungs } from "../../remembered-rungs.ts";
import { contextSize } from "./context-size.ts";
import { embeddedLanguageModel } from "./embedded-language-model.ts";
import { freeMemory } from "./memory-for.ts";
import { sharedModel, threadCount, type OpenModel } from "./open-model.ts";
import type { SharedResource } from "./shared-resource.ts";
import { unlessAborted } from "../../unless-aborted.ts";
import { withProgress } from "../../with-progress.ts";

export interface EmbeddedOptions {
  /** A GGUF file. */
  readonly path: string;
  /** Calls at once on this model, by default 3; each lane has a context of its own. */
  readonly lanes?: number;
  /** Tokens of prompt and output of one lane. */
  readonly contextTokens?: number;
  /** At most the number of cores; by default one less. */
  readonly threads?: number;
  /** Where `massgen engines add embedded` puts the engine. */
  readonly enginesDir?: string;
  readonly sampling?: Sampling;
  readonly timeouts?: Timeouts;
  readonly experience?: Experience;
}

/** What all agents of one model file hold together. */
interface Shared {
  readonly resource: SharedResource<OpenModel>;
  readonly queue: Queue;
  readonly contextTokens: number;
  /** Those who watch the model being read into memory. */
  readonly watchers: Set<(progress: LoadProgress) => void>;
}

const USUAL_LANES = 3;
const sharedByModel = new Map<string, Shared>();

function sharedFor(options: EmbeddedOptions): Shared {
  const header = checkModelFile(options.path);
  const path = realpathSync(options.path);
  const { lanes = USUAL_LANES, contextTokens, enginesDir } = options;
  const threads = threadCount(options.threads);
  const key = JSON.stringify([path, lanes, contextTokens, threads, enginesDir]);
  const known = sharedByModel.get(key);
  if (known !== undefined) return known;
  const tokens = contextSize({
    header,
    lanes,
    freeBytes: freeMemory(),
    ...(contextTokens === undefined ? {} : { tokens: contextTokens }),
  });
  const watchers: Shared["watchers"] = new Set();
  const resource = sharedModel({
    path,
    lanes,
    contextTokens: tokens,
    threads,
    weightBytes: statSync(path).size,
    contextBytes: (header.contextBytesPerToken ?? 0) * tokens * lanes,
    ...(enginesDir === undefined ? {} : { enginesDir }),
    onLoad: (fraction) => watchers.forEach((watch) => watch({ fraction })),
  });
  const shared = { resource, queue: createQueue({ slots: lanes, sharing: "slot" }), contextTokens: tokens, watchers };
  sharedByModel.set(key, shared);
  return shared;
}

/**
 * A model that runs inside this process. Agents with the same file and the same settings share one loaded model, its lanes and its queue;
 * nothing is loaded before `prepare` or the first call, and the last `close` frees the memory.
 * @throws MassgenError `model-file` when the file cannot be a model
 */
export function createEmbedded(options: EmbeddedOptions): CouncilModel {
  const { resource, queue, contextTokens, watchers } = sharedFor(options);
  const modelId = basename(options.path).replace(/\.gguf$/i, "");
  let opened: Promise<OpenModel> | undefined;
  const open = (): Promise<OpenModel> => {
    if (opened !== undefined) return opened;
    const joined = resource.join();
    opened = joined;
    joined.catch(async () => {
      if (opened === joined) opened = undefined;
      await resource.leave();
    });
    return joined;
  };
  return {
    languageModel: embeddedLanguageModel(modelId, open),
    name: `embedded/${modelId}`,
    place: { name: `The embedded engine with ${modelId}`, remedies: remediesFor("embedded") },
    contextTokens,
    rungs: rememberedRungs(["schema", "text"], options.experience),
    sampling: options.sampling ?? {},
    timeouts: options.timeouts ?? ((tokens) => hardwareTimeouts(options.experience?.learned ?? {}, tokens)),
    queue,
    // A load once begun is finished for the others, also where this agent no longer waits for it.
    prepare: (_instead, signal) =>
      withProgress((report) => {
        watchers.add(report);
        return unlessAborted(open(), signal).finally(() => watchers.delete(report));
      }),
    ...(options.experience === undefined ? {} : { experience: options.experience }),
    providerOptions: { ballot: { embedded: { thoughtTokens: 0 } } },
    close: async () => {
      if (opened === undefined) return;
      opened = undefined;
      await resource.leave();
    },
  };
}
