import { describe, expect, test } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { splitArguments } from "./flags.ts";
import { type AgentFlags, agentFlags } from "./parse-agents.ts";

const read = (...argv: readonly string[]): AgentFlags => agentFlags(splitArguments(argv));
const named = (...argv: readonly string[]) => read(...argv).named?.map(({ place: _place, ...agent }) => agent);

describe("several models at once", () => {
  test.each<[string, readonly object[]]>([
    ["a,b, c ", [{ model: "a" }, { model: "b" }, { model: "c" }]],
    [
      "lmstudio:qwen3-4b,openai:gpt-5-mini",
      [
        { backend: "lmstudio", model: "qwen3-4b" },
        { backend: "openai", model: "gpt-5-mini" },
      ],
    ],
    ["qwen3-4b:3", [{ model: "qwen3-4b" }, { model: "qwen3-4b" }, { model: "qwen3-4b" }]],
    ["qwen3:8b", [{ model: "qwen3:8b" }]],
    ["qwen3:8b:2", [{ model: "qwen3:8b" }, { model: "qwen3:8b" }]],
    [
      "Ollama:qwen3:8b:2",
      [
        { backend: "ollama", model: "qwen3:8b" },
        { backend: "ollama", model: "qwen3:8b" },
      ],
    ],
    ["qwen:72", [{ model: "qwen:72" }]],
    ["phi:3:1", [{ model: "phi:3" }]],
    ["llama3.1:latest", [{ model: "llama3.1:latest" }]],
    ["openai/gpt-oss-20b", [{ model: "openai/gpt-oss-20b" }]],
    ["lmstudio,ollama:2", [{ backend: "lmstudio" }, { backend: "ollama" }, { backend: "ollama" }]],
  ])("%s", (text, agents) => {
    expect(named("--models", text)).toEqual(agents);
    expect(named("--agents", text)).toEqual(agents);
  });

  test("--agents is a number, too, also beside --models", () => {
    expect(read("--agents", "3")).toEqual({ agents: 3 });
    expect(read("--agents", "4", "--models", "a,b")).toMatchObject({ agents: 4, named: [{ model: "a" }, { model: "b" }] });
  });

  test.each<[readonly string[], string]>([
    [["--models", "a,,b"], "--models, entry 2, is empty."],
    [["--models", "a,b:0"], '--models, entry 2 ("b:0") asks for no agent at all.'],
    [["--agents", "lmstudio:"], '--agents, entry 1 ("lmstudio:") names no model after the colon.'],
    [["--models", "a:20,b:20,c:20,d:20,e:20,f"], "--models asks for 101 agents; the most are 100."],
    [["--models", "a", "--agents", "b"], "--models and --agents both name models."],
    [["--models", "a", "--model", "b"], "--models and --model exclude each other."],
    [["--agents", "a", "--cloud"], "--agents and --cloud exclude each other."],
    [["--agents", "0"], '--agents takes a whole number from 1 to 100, or names of models with commas between, not "0".'],
    [["--agents", "1.5"], "--agents takes a whole number"],
  ])("%j is refused", (argv, sentence) => {
    expect(() => read(...argv)).toThrow(MassgenError);
    expect(() => read(...argv)).toThrow(sentence);
  });
});
