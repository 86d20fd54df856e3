import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../schema.ts";
import { agentCounts, type Answers, backendsOf, draftOf, keysToAsk, type Question, questionAfter, questionBefore } from "./answers.ts";

const local: BackendConfig = { type: "ollama", model: "qwen3:8b" };
const openai: BackendConfig = { type: "openai", model: "gpt-5-mini" };
const groq: BackendConfig = { type: "chatcompletion", model: "m", base_url: "https://api.groq.com/openai/v1" };
const said = { models: [local], clouds: [openai, groq], keys: {} } as const;

function path(answers: Answers, environment: Readonly<Record<string, string>> = {}): readonly Question[] {
  const asked: Question[] = ["start"];
  for (;;) {
    const next = questionAfter(asked.at(-1) as Question, answers, environment);
    if (next === undefined) return asked;
    asked.push(next);
  }
}

describe("what is asked", () => {
  test.each([
    [{ ...said, start: "local" }, {}, ["start", "models", "count", "write"]],
    [{ ...said, start: "cloud" }, {}, ["start", "clouds", "keys", "count", "write"]],
    [{ ...said, start: "cloud" }, { OPENAI_API_KEY: "a", GROQ_API_KEY: "b" }, ["start", "clouds", "count", "write"]],
    [{ ...said, start: "both", keys: { OPENAI_API_KEY: "a", GROQ_API_KEY: "b" } }, {}, ["start", "models", "clouds", "count", "write"]],
    [{ ...said, start: "template", template: "research" }, {}, ["start", "template", "write"]],
    [{ ...said, start: "template", template: "claude" }, {}, ["start", "template", "keys", "write"]],
    [{ ...said, start: "template", template: "claude" }, { ANTHROPIC_API_KEY: "a" }, ["start", "template", "write"]],
  ] as const)("%#: and on the way back the same", (answers, environment, expected) => {
    const asked = path(answers, environment);
    expect(asked).toEqual(expected);
    for (const [place, question] of asked.entries()) {
      expect(questionBefore(question, answers, environment)).toBe(asked[Math.max(0, place - 1)]);
    }
  });
});

describe("what counts", () => {
  test("is what belongs to where it begins", () => {
    expect(backendsOf({ ...said, start: "local" })).toEqual([local]);
    expect(backendsOf({ ...said, start: "both" })).toEqual([local, openai, groq]);
    expect(backendsOf({ ...said, start: "template" })).toEqual([]);
    expect(backendsOf({ start: "both", keys: {} })).toEqual([]);
  });

  test("keys of clouds that were left out, or that are set later, are not written", () => {
    const keys = { OPENAI_API_KEY: "a", GROQ_API_KEY: "", MISTRAL_API_KEY: "c" };
    const answers: Answers = { ...said, start: "cloud", keys };
    expect(draftOf(answers, {}).keys).toEqual({ OPENAI_API_KEY: "a" });
    expect(keysToAsk(answers, {}).map(({ variable }) => variable)).toEqual(["GROQ_API_KEY"]);
    expect(draftOf({ ...answers, start: "local" }, {}).keys).toEqual({});
  });

  test("a key in the config itself is not asked for, nor one of a host that nobody knows", () => {
    const own: BackendConfig = { ...openai, api_key: "x" };
    const elsewhere: BackendConfig = { ...openai, base_url: "http://10.0.0.1/v1" };
    const unknown: BackendConfig = { ...groq, base_url: "https://llm.example.com/v1" };
    expect(keysToAsk({ start: "cloud", clouds: [own, elsewhere, unknown, local], keys: {} }, {})).toEqual([]);
    expect(keysToAsk({ start: "cloud", clouds: [openai, { ...openai, model: "gpt-5" }], keys: {} }, {})).toHaveLength(1);
    expect(keysToAsk({ start: "template", keys: {} }, {})).toEqual([]);
  });

  test("the draft has the agents that were wished for, without seeds, or the template as it stands", () => {
    const { agents, text } = draftOf({ ...said, start: "local", count: 2 }, {});
    expect(agents.map(({ backend }) => backend)).toEqual([
      { ...local, temperature: 0.4 },
      { ...local, temperature: 0.7 },
    ]);
    expect(text).toContain("model: qwen3:8b");
    expect(draftOf({ ...said, start: "template", template: "travel" }, {}).text).toMatch(/^# Travel/u);
    expect(draftOf({ ...said, start: "cloud" }, {}).agents).toHaveLength(3);
  });
});

test("there is an agent for each backend at least", () => {
  expect(agentCounts({ ...said, start: "local" })).toEqual({ counts: [1, 2, 3, 4, 5], usual: 3 });
  expect(agentCounts({ ...said, start: "local", count: 5 })).toEqual({ counts: [1, 2, 3, 4, 5], usual: 5 });
  expect(agentCounts({ start: "local", models: Array.from({ length: 7 }, () => local), keys: {}, count: 2 })).toEqual({
    counts: [7],
    usual: 7,
  });
});
