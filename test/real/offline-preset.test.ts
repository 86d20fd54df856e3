import { linkSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { librarySeats } from "../../src/cli/library-seats.ts";
import { buildCouncil } from "../../src/config/build-council.ts";
import type { Surroundings } from "../../src/config/council.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { findConfig } from "../../src/config/find-config.ts";
import { createCouncil } from "../../src/library/index.ts";
import { findEmbeddedEngine } from "../../src/models/backends/embedded/find-embedded-engine.ts";
import { findInCatalogue } from "../../src/models/files/catalogue.ts";
import { quietSurroundings } from "../quiet-surroundings.ts";
import { reasonToSkip, smolLmFile } from "../engines/engine-cache.ts";

const reason = await reasonToSkip();
const never = new AbortController().signal;
const MOST_MS = 120_000;

function around(models: string): Surroundings {
  const nobody = async (): Promise<never> => Promise.reject(new Error("offline"));
  return quietSurroundings({
    folders: { models, engines: models, workspaces: models },
    memoryBytes: 8 * 2 ** 30,
    offer: nobody,
    probe: nobody,
    discover: nobody,
    createEngine: nobody,
    findEngine: findEmbeddedEngine,
  });
}

describe.skipIf(reason !== undefined)(`councils offline${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "massgen-offline-"));
    const small = await smolLmFile();
    const there = join(folder, findInCatalogue("SmolLM2-1.7B-Instruct")?.file ?? "");
    try {
      linkSync(small, there);
    } catch {
      copyFileSync(small, there);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["offline", 2],
    ["embedded", 1],
  ])(
    "%s comes to an answer on the real embedded engine and asks no network, with a smaller model under the name of its own",
    async (name, leastBallots) => {
      const { agents } = await loadConfig(findConfig(name).path, {});
      const built = await buildCouncil({ agents }, around(folder), never);
      const council = createCouncil({ seats: librarySeats(built.seats), settings: { bounds: { answerTokens: 40, answersPerAgent: 1 } } });
      try {
        const { answer, degraded, tally } = await council.ask("Name one colour.", { seed: 1 }).result;
        expect({ answer, degraded }).toEqual({ answer: expect.stringMatching(/\w/u), degraded: null });
        expect(tally?.ballots.length).toBeGreaterThanOrEqual(leastBallots);
      } finally {
        await council.close();
      }
    },
    MOST_MS,
  );
});
