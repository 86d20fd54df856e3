import { describe, expect, test } from "vitest";
import { type QuickSetup, quickAgents } from "./quick-setup.ts";

describe("agents from flags", () => {
  test.each<[Partial<QuickSetup>, object]>([
    [
      { backend: "chatcompletion", model: "m" },
      { type: "chatcompletion", model: "m", base_url: "https://api.openai.com/v1" },
    ],
    [
      { backend: "openai", model: "m" },
      { type: "openai", model: "m" },
    ],
    [{ backend: "lmstudio" }, { type: "lmstudio", base_url: "http://127.0.0.1:1234/v1" }],
    [{ baseUrl: "http://127.0.0.1:8000/v1/chat/completions" }, { type: "chatcompletion", base_url: "http://127.0.0.1:8000/v1" }],
    [{ backend: "embedded" }, { type: "embedded" }],
    [{ model: "./m.gguf" }, { type: "embedded", model: "./m.gguf" }],
    [{ model: "SmolLM2-135M-Instruct" }, { type: "embedded", model: "SmolLM2-135M-Instruct" }],
  ])("%j", (flags, backend) => {
    expect(quickAgents({ seed: 1, ...flags })).toEqual([{ id: "agent1", backend }]);
  });

  test.each([{}, { model: "qwen3-4b" }, { systemMessage: "Be brief." }])("%j leaves the choice open", (flags) => {
    expect(quickAgents({ seed: 1, ...flags })).toBeUndefined();
  });

  test("several agents of this machine differ in how they sample, those of a cloud do not", () => {
    const here = quickAgents({ backend: "lmstudio", model: "m", agents: 4, systemMessage: "Be brief.", seed: 2 ** 31 - 2 }) ?? [];
    expect(here.map(({ id, system_message }) => [id, system_message])).toEqual([1, 2, 3, 4].map((place) => [`agent${place}`, "Be brief."]));
    expect(here.map(({ backend }) => [backend.temperature, backend.seed])).toEqual([
      [0.4, 2 ** 31 - 2],
      [0.7, 2 ** 31 - 1],
      [1, 0],
      [0.4, 1],
    ]);
    const cloud = quickAgents({ backend: "chatcompletion", model: "m", agents: 2, seed: 1 }) ?? [];
    const openai = quickAgents({ model: "gpt-5-mini", agents: 2, seed: 1 }) ?? [];
    expect([...cloud, ...openai].map(({ backend }) => "temperature" in backend || "seed" in backend)).toEqual([false, false, false, false]);
  });

  test.each<[Partial<QuickSetup>, string, string]>([
    [{ backend: "embedded", baseUrl: "http://x/v1" }, "usage", "The embedded backend has no address"],
    [{ backend: "ai_sdk", model: "m" }, "usage", "The ai_sdk backend needs the name of a package, which only a config can give."],
    [{ baseUrl: "http://me:hunter22@x/v1" }, "usage", "--base-url must not hold a user name or password"],
  ])("%j is refused", (flags, code, message) => {
    expect(() => quickAgents({ seed: 1, ...flags })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
    );
  });
});
