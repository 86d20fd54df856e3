import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reasonToSkip } from "./engine-cache.ts";
import { startLlamaServer, type RunningLlamaServer } from "./llama-server.ts";

const reason = await reasonToSkip();

describe.skipIf(reason !== undefined)(`a real llama-server${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  let server: RunningLlamaServer;

  beforeAll(async () => {
    server = await startLlamaServer({ slots: 3, contextTokens: 1024, key: "only-for-this-test" });
  }, 300_000);

  afterAll(() => server.close());

  it("has the slots and the context it was asked for", async () => {
    const headers = { authorization: "Bearer only-for-this-test" };
    const answer = await fetch(new URL("/props", server.baseUrl), { headers });
    const props = (await answer.json()) as {
      readonly total_slots: number;
      readonly default_generation_settings: { readonly n_ctx: number };
    };
    expect(props.total_slots).toBe(3);
    expect(props.default_generation_settings.n_ctx).toBe(1024);
  });

  it("refuses a request without its key", async () => {
    const answer = await fetch(`${server.baseUrl}/chat/completions`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(401);
    await answer.body?.cancel();
  });

  it("is gone after close", async () => {
    const other = await startLlamaServer({ slots: 1, contextTokens: 256 });
    await other.close();
    await expect(fetch(`${other.baseUrl}/models`)).rejects.toThrow("fetch failed");
  }, 60_000);
});
