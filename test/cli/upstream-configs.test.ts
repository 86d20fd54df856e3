import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeEngine, type FakeResponses, startFakeLmStudio, startFakeResponses } from "../../src/testing/index.ts";
import { massgen } from "./massgen.ts";

const configs = join(import.meta.dirname, "../../../shared/compat/configs-0.0.7");
/** These files name no address, so LM Studio's own port is what they mean. */
const lmStudio = existsSync(configs)
  ? await startFakeLmStudio({ port: 1234, models: [{ id: "qwen/qwen3-4b-2507", loaded: true }] }).catch(() => undefined)
  : undefined;
const reason = existsSync(configs) ? "something else listens on port 1234" : "no configs of MassGen next to this checkout";

describe.skipIf(lmStudio === undefined)(
  `MassGen's own configs with LM Studio${lmStudio === undefined ? ` (skipped: ${reason})` : ""}`,
  () => {
    const fake = lmStudio as FakeEngine;
    let home = "";
    let cloud: FakeResponses;

    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), "massgen-upstream-"));
      cloud = await startFakeResponses({
        reply: ({ body }) =>
          body.text?.format === undefined ? { text: "The cloud's answer." } : { text: '{"reason":"it is complete","choice":"A"}' },
      });
    });
    afterAll(async () => {
      await cloud.close();
      await fake.close();
      rmSync(home, { recursive: true });
    });

    test("lmstudio.yaml answers, on its one agent", async () => {
      const { code, stdout } = await massgen(["--config", join(configs, "lmstudio.yaml"), "What is a monad?"], { home });
      expect(code).toBe(0);
      expect(stdout).toContain("qwen/qwen3-4b-2507");
      expect(fake.requests[0]?.body.messages[0]).toMatchObject({
        role: "system",
        content: expect.stringContaining("You are a helpful AI assistant running against a local LM Studio server."),
      });
    });

    test("two_agents_opensource_lmstudio.yaml holds its council between LM Studio and OpenAI", async () => {
      const environment = { OPENAI_API_KEY: "sk-upstream-0123456789", OPENAI_BASE_URL: cloud.baseUrl };
      const argv = ["--config", join(configs, "two_agents_opensource_lmstudio.yaml"), "What is a monad?"];
      const { code, stderr } = await massgen(argv, { home, environment });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toMatch(/^Answer [AB] by .* won with /mu);
      expect(cloud.requests[0]?.body).toMatchObject({
        model: "gpt-5",
        reasoning: { effort: "medium", summary: "auto" },
        text: { verbosity: "high" },
        store: false,
      });
      expect(fake.requests.map(({ headers }) => headers.authorization)).not.toContain("Bearer sk-upstream-0123456789");
      expect(stderr).not.toContain("sk-upstream");
    });
  },
);
