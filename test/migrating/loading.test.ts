import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/load-config.ts";
import { MassgenError } from "../../src/core/errors.ts";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, massgen, workplace } from "../cli/massgen.ts";
import { cloudsAt } from "../recorder.ts";

/** How files of MassGen 0.0.7 are found and read (facts, massgen-0.0.7.md 1.5, 2.1, 2.2, 2.5). */
const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;

beforeAll(async () => {
  server = await councilServer();
});
afterAll(async () => {
  await server.close();
  place.remove();
});

const backend = "backend: {type: chatcompletion, model: m, base_url: http://127.0.0.1:1/v1}";
const read = (text: string, environment = {}) => readConfig("council.yaml", text, environment);

function errorOf(text: string): string {
  try {
    read(text);
    return "";
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    return error.message;
  }
}

test("the path as given", async () => {
  const config = place.write("council.yaml", councilYaml(server.baseUrl));
  expect(await massgen(["--config", config, "Why?"], { home })).toMatchObject({ code: 0, stdout: "The final answer.\n" });
});

test("a base name of 0.0.7 resolves to what is shipped, which is told", async () => {
  const argv = ["--config", join(place.folder, "some/where/three_agents_default.yaml"), "--dry-run", "--json", "Why?"];
  const { stdout, stderr } = await massgen(argv, { home, environment: { MASSGEN_ENGINES: "", ...cloudsAt("http://127.0.0.1:9") } });
  expect(stderr).toContain("three_agents_default");
  expect(JSON.parse(stdout)).toMatchObject({
    agents: [
      { id: "gemini2.5flash", type: "gemini", model: "gemini-2.5-flash" },
      { id: "gpt5nano", type: "openai", model: "gpt-5-nano" },
      { id: "grok3mini", type: "grok", model: "grok-3-mini" },
    ],
  });
});

test.each([
  ["one.yaml", councilYaml],
  ["one.yml", councilYaml],
  [
    "one.json",
    (url: string) => JSON.stringify({ agents: [{ id: "one", backend: { type: "chatcompletion", model: "one", base_url: url } }] }),
  ],
] as const)("%s is read by its suffix", async (name, text) => {
  const config = place.write(name, text(server.baseUrl, ["one"]));
  expect(await massgen(["--config", config, "Why?"], { home })).toMatchObject({ code: 0 });
});

describe("CFG-1", () => {
  test("CFG-1: an empty file is told to be one", () => {
    expect(errorOf("")).toMatch(/council\.yaml.*empty/u);
  });

  test("CFG-1: a section ui without a value means the defaults", () => {
    expect(read(`agent: {id: a, ${backend}}\nui:\n`).ui).toMatchObject({ display_type: "rich_terminal", logging_enabled: true });
  });
});

test("CFG-9: unknown keys are errors where they are near to a known one, else warnings, with their places", () => {
  expect(errorOf(`agent: {id: a, sytem_message: x, ${backend}}`)).toMatch(/^council\.yaml:1:16: sytem_message .*system_message/u);
  expect(read(`agent: {id: a, ${backend}}\nbanana: 1`).warnings).toEqual([expect.stringContaining("council.yaml:2:1: banana")]);
});

test("CFG-9: variables are filled in; one that is not set is an error", () => {
  const text = `agent: {id: a, system_message: "\${WHO} and \${OTHER:-nobody}", ${backend}}`;
  expect(read(text, { WHO: "me" }).agents[0]?.system_message).toBe("me and nobody");
  expect(errorOf(text)).toContain("The variable WHO is not set");
});

test("agent, agents as a list, agents by id", () => {
  const ids = (text: string) => read(text).agents.map(({ id }) => id);
  expect(ids(`agent: {${backend}}`)).toEqual(["agent1"]);
  expect(ids(`agents: [{${backend}}, {id: b, ${backend}}]`)).toEqual(["agent1", "b"]);
  expect(ids(`agents: {x: {${backend}}, y: {${backend}}}`)).toEqual(["x", "y"]);
});

test("agent and agents together are refused", () => {
  expect(errorOf(`agent: {${backend}}\nagents: [{${backend}}]`)).toContain("agent and agents are both there");
});

test("CFG-2: ids that are numbers, hold a slash, or are there twice", () => {
  expect(read(`agents: [{id: 7, ${backend}}, {id: a/b, ${backend}}]`).agents.map(({ id }) => id)).toEqual(["7", "a/b"]);
  expect(errorOf(`agents: [{id: a, ${backend}}, {id: a, ${backend}}]`)).toContain('The id "a" is taken already');
});

test.each(["rich_terminal", "terminal", "simple"])("display_type %s, also as type and in display", (name) => {
  for (const section of [`ui: {display_type: ${name}}`, `ui: {type: ${name}}`, `display: {type: ${name}}`]) {
    expect(read(`agent: {${backend}}\n${section}`).ui.display_type).toBe(name);
  }
});

test.each(["OpenAI", "Claude", "ZAI", "lmstudio", "ChatCompletion"])("type %s is read in any case", (type) => {
  expect(read(`agent: {backend: {type: ${type}, model: m}}`).agents[0]?.backend.type).toBe(type.toLowerCase());
});
