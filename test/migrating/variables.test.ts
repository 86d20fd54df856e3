import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withEnvFiles } from "../../src/config/env-files.ts";
import { findKey } from "../../src/config/keys.ts";

/** The variables that MassGen 0.0.7 knew or promised, and the hosts whose keys they hold. */
const places = [
  ["OPENAI_API_KEY", "https://api.openai.com/v1"],
  ["XAI_API_KEY", "https://api.x.ai/v1"],
  ["ANTHROPIC_API_KEY", "https://api.anthropic.com/v1"],
  ["GOOGLE_API_KEY", "https://generativelanguage.googleapis.com/v1beta"],
  ["GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta"],
  ["ZAI_API_KEY", "https://api.z.ai/api/paas/v4"],
  ["CEREBRAS_API_KEY", "https://api.cerebras.ai/v1"],
  ["TOGETHER_API_KEY", "https://api.together.xyz/v1"],
  ["FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1"],
  ["GROQ_API_KEY", "https://api.groq.com/openai/v1"],
  ["NEBIUS_API_KEY", "https://api.studio.nebius.ai/v1"],
  ["OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"],
] as const;

describe("BE-2: keys in the environment", () => {
  test.each(places)("%s goes to %s and nowhere else", (variable, url) => {
    const environment = { [variable]: "key-0123456789" };
    expect(findKey(url, undefined, environment, false)).toEqual({ key: "key-0123456789" });
    const others = places.map(([, other]) => other).filter((other) => other !== url);
    for (const other of others) expect(findKey(other, undefined, environment, false)).not.toHaveProperty("key");
    for (const hostile of [`https://${new URL(url).hostname}.evil.example/v1`, `https://evil.example/${new URL(url).hostname}`]) {
      expect(findKey(hostile, undefined, environment, false)).not.toHaveProperty("key");
    }
  });

  test("GOOGLE_API_KEY goes before GEMINI_API_KEY", () => {
    const environment = { GEMINI_API_KEY: "second-0123456789", GOOGLE_API_KEY: "first-0123456789" };
    expect(findKey("https://generativelanguage.googleapis.com/v1beta", undefined, environment, false)).toEqual({ key: "first-0123456789" });
  });
});

test("CLI-6: .env is read properly and never over the environment", () => {
  const folder = mkdtempSync(join(tmpdir(), "massgen-env-"));
  const lines = [
    "# keys",
    "export GROQ_API_KEY='gsk one' # mine",
    "OPENAI_API_KEY=of-the-file",
    " ZAI_API_KEY = zai-1",
    "no line of this kind",
  ];
  writeFileSync(join(folder, ".env"), lines.join("\n"));
  const { environment } = withEnvFiles({ OPENAI_API_KEY: "of-the-environment" }, [folder]);
  expect(environment).toMatchObject({ GROQ_API_KEY: "gsk one", OPENAI_API_KEY: "of-the-environment", ZAI_API_KEY: "zai-1" });
  rmSync(folder, { recursive: true });
});
