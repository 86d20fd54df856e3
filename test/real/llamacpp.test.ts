import { afterAll, beforeAll, describe, it } from "vitest";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { describeEngine } from "../../src/testing/engine-contract.ts";
import { reasonToSkip } from "../engines/engine-cache.ts";
import { type RunningLlamaServer, startLlamaServer } from "../engines/llama-server.ts";

const reason = await reasonToSkip();

describe.skipIf(reason !== undefined)(
  `llama.cpp for real${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { timeout: 60_000 },
  () => {
    let server: RunningLlamaServer;

    beforeAll(async () => {
      server = await startLlamaServer({ slots: 2, contextTokens: 1024 });
    }, 300_000);

    afterAll(() => server.close());

    describeEngine({ describe, it }, "a llama-server", {
      makeEngine: () => createLlamaCpp({ baseUrl: server.baseUrl }),
      makeAbsent: () => createLlamaCpp({ baseUrl: "http://127.0.0.1:59999" }),
      model: "smollm2",
    });
  },
);
