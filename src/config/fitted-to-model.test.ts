import { expect, test } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { buildCouncil } from "./build-council.ts";
import { fittedToModel } from "./fitted-to-model.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

const agent = (backend: BackendConfig): AgentConfig => ({ id: "one", backend, place: "council.yaml:3:5" });

test("CFG-7: what a model refuses is left out wherever it stands, with one sentence for all of it", () => {
  const { backend, notices } = fittedToModel(
    agent({
      type: "openai",
      temperature: 0.2,
      max_tokens: 3000,
      fields: { reasoning: { effort: "low" } },
      extra_body: { top_p: 0.5, stop: ["."], user: "me" },
    }),
    "gpt-5-nano",
  );
  expect(backend).toEqual({ type: "openai", max_tokens: 3000, fields: { reasoning: { effort: "low" } }, extra_body: { user: "me" } });
  expect(notices).toEqual(['agent "one" (council.yaml:3:5): gpt-5-nano does not take temperature, top_p and stop: they are left out.']);
});

test("what a model takes stays as it is", () => {
  const backend: BackendConfig = { type: "gemini", temperature: 0.4, top_k: 20, extra_body: { safetySettings: [] } };
  expect(fittedToModel(agent(backend), "gemini-9-ultra")).toMatchObject({ backend, notices: [], model: "gemini-9-ultra" });
});

test("nobody asks a model for more than it writes", () => {
  const most = (model: string, max_tokens?: number): number | undefined =>
    fittedToModel(agent({ type: "claude", ...(max_tokens !== undefined && { max_tokens }) }), model).backend.max_tokens;
  expect(most("claude-3-5-haiku-20241022")).toBe(8_192);
  expect(most("claude-3-5-haiku-20241022", 100_000)).toBe(8_192);
  expect(most("claude-3-5-haiku-20241022", 500)).toBe(500);
  expect(most("claude-unheard-of", 500)).toBe(500);
  expect(most("claude-unheard-of")).toBeUndefined();
});

test.each([
  ["openai", {}, { fields: { reasoning: { effort: "low" } } }],
  ["openai", { fields: { reasoning: { summary: "auto" } } }, { fields: { reasoning: { effort: "low", summary: "auto" } } }],
  ["openai", { fields: { reasoning: { effort: "high" } } }, { fields: { reasoning: { effort: "high" } } }],
  ["chatcompletion", { extra_body: { user: "me" } }, { extra_body: { reasoning_effort: "low", user: "me" } }],
  ["chatcompletion", { extra_body: { reasoning_effort: "high" } }, { extra_body: { reasoning_effort: "high" } }],
  ["grok", {}, { fields: { reasoning_effort: "low" } }],
  ["grok", { fields: { reasoning_effort: "high" } }, { fields: { reasoning_effort: "high" } }],
] as const)("CLI-5: o3-low is o3 with an effort, on %s with %j", (type, given, taken) => {
  const { model, backend } = fittedToModel(agent({ type, ...given }), type === "grok" ? "grok-3-mini-low" : "o3-low");
  expect(model).toBe(type === "grok" ? "grok-3-mini" : "o3");
  expect(backend).toMatchObject({ type, ...taken });
});

test("a model of a cloud is seated with what is known of it; what a config says counts more", async () => {
  const { seats, notices } = await buildCouncil(
    {
      agents: [
        agent({ type: "openai", model: "o3-mini-high", api_key: "sk-123456789", temperature: 1 }),
        { id: "two", backend: { type: "claude", model: "claude-3-5-haiku-latest", api_key: "sk-123456789", context_length: 50_000 } },
        {
          id: "three",
          backend: {
            type: "chatcompletion",
            model: "openai/gpt-oss-120b",
            base_url: "https://api.groq.com/openai/v1",
            api_key: "gsk-12345678",
          },
        },
      ],
      secrets: [],
    },
    quietSurroundings(),
    new AbortController().signal,
  );
  const models = seats.map(({ model }) => model);
  expect(models).toMatchObject([
    { name: "openai/o3-mini", contextTokens: 200_000, thinks: true, sampling: { maxTokens: 100_000 } },
    { name: "claude/claude-3-5-haiku-latest", contextTokens: 50_000, sampling: { maxTokens: 8_192 } },
    { name: "Groq/openai/gpt-oss-120b", contextTokens: 131_072, thinks: true },
  ]);
  expect(models[0]?.refuses).toContain("temperature");
  expect(models[1]).not.toHaveProperty("thinks");
  expect(notices).toEqual(['agent "one" (council.yaml:3:5): o3-mini does not take temperature: it is left out.']);
});

test("nothing is known of what runs nearby, whatever it is called", async () => {
  const near = agent({ type: "chatcompletion", model: "gpt-5", base_url: "http://127.0.0.1:9/v1", temperature: 0.5 });
  const { seats, notices } = await buildCouncil(
    { agents: [near], secrets: [] },
    quietSurroundings({ probe: async () => vllm }),
    new AbortController().signal,
  );
  expect(seats[0]?.model).toMatchObject({ sampling: { temperature: 0.5 } });
  expect(seats[0]?.model).not.toHaveProperty("contextTokens");
  expect(notices).toEqual([]);
});

const vllm = { kind: "vllm", models: [{ id: "gpt-5" }] } as const;
