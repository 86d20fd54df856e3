import type { Group } from "./rows.ts";

interface Entry {
  readonly title: string;
  readonly load: () => Promise<Group>;
}

/** The parts of the bench by the name that `--only` takes, in the order of the table. */
export const groups: Readonly<Record<string, Entry>> = {
  time: { title: "A council over its models", load: async () => (await import("./groups/council-time.ts")).measureCouncilTime },
  process: { title: "The whole process over its models", load: async () => (await import("./groups/process-time.ts")).measureProcessTime },
  deltas: { title: "CPU a delta", load: async () => (await import("./groups/deltas.ts")).measureDeltas },
  calls: {
    title: "Calls and prompt characters to consensus, 2,000-character answers half a second apart",
    load: async () => (await import("./groups/calls.ts")).measureCalls,
  },
  prefixes: { title: "What prompts share from their beginning", load: async () => (await import("./groups/prefixes.ts")).measurePrefixes },
  engines: {
    title: "Judging on real engines, SmolLM2-135M, three answers of 500 tokens",
    load: async () => (await import("./groups/engines.ts")).measureEngines,
  },
  rounds: {
    title: "Council time over the engine's own, SmolLM2-135M on llama-server with one slot",
    load: async () => (await import("./groups/engine-time.ts")).measureEngineTime,
  },
  sharing: {
    title: "In line or all at once, as chosen by measured speeds, on a fake llama-server",
    load: async () => (await import("./groups/sharing.ts")).measureSharing,
  },
  discovery: { title: "Finding engines", load: async () => (await import("./groups/discovery.ts")).measureDiscovery },
  loads: { title: "Loads of an engine that holds one model", load: async () => (await import("./groups/loads.ts")).measureLoads },
  queue: { title: "The queue of an engine", load: async () => (await import("./groups/queue.ts")).measureQueue },
  tools: { title: "A call of a tool, ours alone", load: async () => (await import("./groups/tools.ts")).measureTools },
  loop: { title: "The event loop beside the embedded engine", load: async () => (await import("./groups/event-loop.ts")).measureEventLoop },
  start: { title: "Start-up of the command", load: async () => (await import("./groups/start-up.ts")).measureStartUp },
  memory: { title: "Memory of the library", load: async () => (await import("./groups/memory.ts")).measureMemory },
  resident: {
    title: "Memory of councils on engines, SmolLM2-135M",
    load: async () => (await import("./groups/resident-memory.ts")).measureResidentMemory,
  },
  words: { title: "Our own words in a prompt", load: async () => (await import("./groups/own-words.ts")).measureOwnWords },
};
