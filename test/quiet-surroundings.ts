import { memoryExperiences } from "../src/models/experience-store.ts";
import { createEngine } from "../src/models/engines/create-engine.ts";
import type { Surroundings } from "../src/config/council.ts";

/** A machine with no engine, no model file and nobody to ask; each test says what is different. */
export function quietSurroundings(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    environment: {},
    folders: { models: "/nowhere", engines: "/nowhere", workspaces: "/nowhere" },
    memoryBytes: 16 * 2 ** 30,
    offer: async () => {},
    allow: async () => false,
    tell: () => {},
    probe: async () => ({ kind: "not-running", message: "Nothing answers.", retryable: true }),
    discover: async () => [],
    createEngine,
    findEngine: () => undefined,
    experience: memoryExperiences(),
    ...changes,
  };
}
