import { expect, test } from "vitest";
import { readConfig } from "../load-config.ts";
import type { AgentConfig } from "../schema.ts";
import { configText } from "./config-text.ts";

const councils: Readonly<Record<string, readonly AgentConfig[]>> = {
  "of a model of this machine": [
    { id: "careful", backend: { type: "lmstudio", model: "qwen/qwen3-4b", base_url: "http://127.0.0.1:5555/v1", temperature: 0.4 } },
    { id: "bold", backend: { type: "lmstudio", model: "qwen/qwen3-4b", base_url: "http://127.0.0.1:1234/v1", temperature: 1 } },
  ],
  "of clouds": [
    { id: "one", backend: { type: "openai", model: "gpt-5-mini" } },
    { id: "two", backend: { type: "zai", model: "glm-4.5" } },
    { id: "three", backend: { type: "chatcompletion", model: "openai/gpt-oss-120b", base_url: "https://api.groq.com/openai/v1" } },
  ],
  "with personas and fields": [
    { id: "agent1", system_message: 'Say: "no" # and\n  mean it.\n', backend: { type: "embedded", model: "a b.gguf", max_tokens: 320 } },
    { id: "agent2", backend: { type: "claude", model: "claude-sonnet-4-5", enable_web_search: true } },
    { id: "agent3", backend: { type: "ai_sdk", model: "m", fields: { package: "@ai-sdk/groq" } } },
  ],
};

const agentsIn = (text: string): readonly AgentConfig[] =>
  readConfig("massgen.yaml", text, {}).agents.map(({ place: _place, ...agent }) => agent);

/** The address that is usual is left out, and put in again by whoever reads the file. */
const withoutUsual = (agents: readonly AgentConfig[]): readonly AgentConfig[] =>
  agents.map(({ backend: { base_url: baseUrl, ...backend }, ...agent }) => ({
    ...agent,
    backend: { ...backend, ...(baseUrl !== undefined && baseUrl !== "http://127.0.0.1:1234/v1" && { base_url: baseUrl }) },
  }));

test.each(Object.entries(councils))("a council %s loads back exactly", (_name, agents) => {
  const read = agentsIn(configText(agents));
  expect(withoutUsual(read)).toEqual(withoutUsual(agents));
});

test.each(Object.entries(councils))("every comment of a council %s is right in its place", (_name, agents) => {
  const text = configText(agents);
  const [, , ...body] = text.split("\n");
  const uncommented = body.map((line) => line.replace(/^(\s*)# /u, "$1")).join("\n");
  const config = readConfig("massgen.yaml", uncommented, {});
  expect(config.warnings).toEqual([]);
  expect(config.agents.map(({ id }) => id)).toEqual(agents.map(({ id }) => id));
  expect(config.agents[0]?.mcp_servers).toHaveLength(1);
  expect(config.agents[0]?.system_message).toBe(agents[0]?.system_message ?? "You check every claim before you make it.");
  expect(config.settings.bounds).toMatchObject({ runMs: 600_000, runTokens: 100_000, answersPerAgent: 2 });
});

test("what a provider can do itself stands beside its agents alone, an unusual address with them", () => {
  expect(configText(councils["of clouds"] ?? []).match(/# enable_web_search: true/gu)).toHaveLength(1);
  const local = configText(councils["of a model of this machine"] ?? []);
  expect(local.match(/base_url: .*/gu)).toEqual(["base_url: http://127.0.0.1:5555/v1"]);
  expect(local).not.toContain("enable_");
});
