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
  start: { title: "Start-up of the command", load: async () => (await import("./groups/start-up.ts")).measureStartUp },
  memory: { title: "Memory of the library", load: async () => (await import("./groups/memory.ts")).measureMemory },
  words: { title: "Our own words in a prompt", load: async () => (await import("./groups/own-words.ts")).measureOwnWords },
};
