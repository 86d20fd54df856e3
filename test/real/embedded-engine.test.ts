import { dirname } from "node:path";
import { afterAll, describe, it } from "vitest";
import { createEmbeddedEngine } from "../../src/models/engines/embedded/create-embedded-engine.ts";
import { describeEngine } from "../../src/testing/engine-contract.ts";
import { reasonToSkip, smolLmFile } from "../engines/engine-cache.ts";

const reason = await reasonToSkip();
const model = "SmolLM2-135M-Instruct.Q4_1";

describe.skipIf(reason !== undefined)(
  `the embedded engine${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { timeout: 60_000 },
  () => {
    const engine = smolLmFile().then((file) => createEmbeddedEngine({ modelsDir: dirname(file), lanes: 3, contextTokens: 1024 }));

    afterAll(async () => (await engine).unload?.(model, new AbortController().signal));

    describeEngine({ describe, it }, "the embedded engine", { makeEngine: () => engine, model, mayUnload: true });
  },
);
