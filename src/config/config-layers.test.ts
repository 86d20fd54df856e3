import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { LayersRequest } from "./config-layers.ts";
import { explain } from "./explain.ts";
import { configOf, examineConfig, loadConfig } from "./load-config.ts";
import type { Environment } from "./interpolate.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-layers-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const agent = (id: string, more = ""): string => `{id: ${id}, backend: {type: ollama, model: m${more}}}`;
const user = write("user.yaml", `orchestrator: {timeout: 1m, seed: 1, max_failures: 9}\nagents: [${agent("of-user")}]\n`);
const project = write(
  "project.yaml",
  `orchestrator: {timeout: 2m, seed: 2}\nagents: [${agent("of-project")}]\nprofiles: {slow: {orchestrator: {timeout: 3m, seed: 3}}}\n`,
);

/** The request with everything up to a level of precedence. */
function upTo(level: "defaults" | "user" | "project" | "profile" | "environment" | "flags"): LayersRequest {
  const at = ["defaults", "user", "project", "profile", "environment", "flags"].indexOf(level);
  return {
    files: [
      ...(at >= 1 ? [{ title: "user file" as const, path: user }] : []),
      ...(at >= 2 ? [{ title: "project file" as const, path: project }] : []),
    ],
    ...(at >= 3 && { profile: { name: "slow", from: "--profile" } }),
    ...(at >= 4 && { environment: { MASSGEN_TIMEOUT: "4m", MASSGEN_SEED: "4", MASSGEN_MAX_ANSWERS: " " } }),
    ...(at >= 5 && { flags: { timeout: "5m" } }),
  };
}

describe("precedence", () => {
  test.each([
    ["defaults", 30, undefined, "default", undefined],
    ["user", 1, 1, "user file", `${user}:1:25`],
    ["project", 2, 2, "project file", `${project}:1:25`],
    ["profile", 3, 3, "profile slow", `${project}:3:43`],
    ["environment", 4, 4, "environment", "MASSGEN_TIMEOUT"],
    ["flags", 5, 4, "flags", "--timeout"],
  ] as const)("%s", (...row) => {
    const [level, minutes, seed, by, place] = row;
    const request = upTo(level);
    const config = configOf(request, {}, false);
    expect(config.settings.bounds.runMs).toBe(minutes * 60_000);
    expect(config.seed).toBe(seed);
    const { layers } = examineConfig(request, {}, { needsAgents: false, isCheck: true });
    const [told] = explain("orchestrator.timeout", layers.layers);
    expect(told?.won?.by ?? "default").toBe(by);
    expect(told?.won?.place).toBe(place);
  });

  test("what a higher level says nothing of comes from a lower one", () => {
    expect(configOf(upTo("flags"), {}).settings.bounds.failuresPerAgent).toBe(9);
  });

  test("agents of a file take the place of those below it", () => {
    expect(configOf(upTo("user"), {}).agents.map(({ id }) => id)).toEqual(["of-user"]);
    expect(configOf(upTo("project"), {}).agents.map(({ id }) => id)).toEqual(["of-project"]);
  });

  test("what is wrong with a variable or a flag is named by it", () => {
    const wrong = (request: Partial<LayersRequest>) => () => configOf({ ...upTo("project"), ...request }, {});
    expect(wrong({ environment: { MASSGEN_TIMEOUT: "soon" } })).toThrow(
      /^MASSGEN_TIMEOUT: timeout of orchestrator must be a time above zero/u,
    );
    expect(wrong({ environment: { MASSGEN_MAX_ANSWERS: "many" } })).toThrow(
      'MASSGEN_MAX_ANSWERS: max_answers of orchestrator must be a number, not "many".',
    );
    expect(wrong({ flags: { seed: "x" } })).toThrow('--seed: seed of orchestrator must be a number, not "x".');
  });
});

describe("profiles", () => {
  const file = write(
    "profiles.yaml",
    `agents:\n- ${agent("a", ", temperature: 1")}\n- ${agent("b")}\nprofiles:\n  more:\n    agents:\n      a: {backend: {temperature: 0.5}}\n      c: {backend: {type: ollama, model: m}}\n  less: {agents: {b: null}}\n  other: {agents: [${agent("z")}]}\n  null_again: {agents: {a: {backend: {temperature: null}}}}\n`,
  );
  const withProfile = async (name: string) => loadConfig(file, {}, { name, from: "--profile" });

  test("change agents by id, add some, keep the order", async () => {
    const { agents } = await withProfile("more");
    expect(agents.map(({ id, backend }) => [id, backend.temperature])).toEqual([
      ["a", 0.5],
      ["b", undefined],
      ["c", undefined],
    ]);
    expect(agents.map(({ place }) => place)).toEqual([`${file}:7:10`, `${file}:3:3`, `${file}:8:10`]);
  });

  test("take one away with null, or all with a list", async () => {
    expect((await withProfile("less")).agents.map(({ id }) => id)).toEqual(["a"]);
    expect((await withProfile("other")).agents.map(({ id }) => id)).toEqual(["z"]);
  });

  test("bring a default back with null", async () => {
    expect((await withProfile("null_again")).agents[0]?.backend).not.toHaveProperty("temperature");
  });

  test("that are nowhere are refused with what there is", async () => {
    await expect(withProfile("mroe")).rejects.toMatchObject({
      message: 'There is no profile "mroe" (--profile).',
      hint: "Did you mean more?",
    });
    await expect(withProfile("zzz")).rejects.toMatchObject({ hint: "There is more, less, other and null_again." });
    await expect(loadConfig(user, {}, { name: "x", from: "MASSGEN_PROFILE" })).rejects.toThrow(
      'There is no profile "x" (MASSGEN_PROFILE): no config here has profiles.',
    );
  });

  test.each([
    ["profiles: [a]", "1:11: profiles must be a mapping of settings by the name of the profile."],
    ["profiles: {a: 3}", "1:15: The profile a must be a mapping of settings."],
  ])("%s is refused", async (text, message) => {
    await expect(loadConfig(write("bad.yaml", text), {})).rejects.toThrow(message);
  });
});

describe("extends", () => {
  const base = write("base/base.yaml", `orchestrator: {timeout: 7m}\nagents: [${agent("a", ", temperature: 1")}, ${agent("b")}]\n`);

  test("a file beside it: what is said above counts, places stay those of each file", async () => {
    const file = write("child.yaml", "extends: base/base.yaml\nagents:\n  a: {backend: {temperature: hot}}\n  c: {}\n");
    await expect(loadConfig(file, {})).rejects.toThrow(
      `${file}:3:30: temperature of agent "a" must be a number, not "hot".\n${file}:4:6: backend of agent "c" is missing.`,
    );
  });

  test("a list, of which a later one goes first, and files that extend others", async () => {
    const other = write("other.yaml", "extends: base/base.yaml\norchestrator: {timeout: 8m, seed: 8}\n");
    const file = write("many.yaml", `extends: [${other}, base/base.yaml]\norchestrator: {max_answers: 1}\n`);
    const { settings, seed, agents } = await loadConfig(file, {});
    expect([settings.bounds.runMs, settings.bounds.answersPerAgent, seed]).toEqual([480_000, 1, 8]);
    expect(agents.map(({ place }) => place)).toEqual([`${base}:2:10`, expect.stringContaining(`${base}:2:`)]);
  });

  test("a council that comes with massgen", async () => {
    const file = write("preset.yaml", "extends: local-8gb\nagents: {bold: null}\n");
    expect((await loadConfig(file, {})).agents.map(({ id }) => id)).toEqual(["careful", "practical"]);
  });

  test("a list of agents stands for itself", async () => {
    const file = write("list.yaml", `extends: base/base.yaml\nagents: [${agent("x")}]\n`);
    expect((await loadConfig(file, {})).agents.map(({ id }) => id)).toEqual(["x"]);
  });

  test("an id that is there twice is found out below a change, too", async () => {
    write("twice.yaml", `agents: [${agent("a")}, ${agent("a")}]`);
    const file = write("above.yaml", "extends: twice.yaml\nagents: {b: {backend: {type: ollama}}}\n");
    await expect(loadConfig(file, {})).rejects.toThrow('The id "a" is taken already');
  });

  test("circles are named", async () => {
    const one = write("one.yaml", "extends: two.yaml");
    const two = write("two.yaml", "\nextends: one.yaml");
    await expect(loadConfig(one, {})).rejects.toThrow(`${two}:2:10: extends goes in a circle: ${one} extends ${two} extends ${one}.`);
  });

  test.each([
    ["extends: nowhere.yaml", "1:10: extends: there is no config file nowhere.yaml beside "],
    ["extends: 5", "1:10: extends must be the path of a config file, the name of one that comes with massgen, or a list of these."],
    ["extends: [mixed, {}]", "1:18: extends must be the path"],
  ])("%s is refused", async (text, message) => {
    await expect(loadConfig(write("wrong.yaml", text), {})).rejects.toThrow(message);
  });

  test("nothing, where it is null", async () => {
    const file = write("none.yaml", `extends: null\nprofiles: null\nagents: [${agent("a")}]`);
    expect((await loadConfig(file, {})).warnings).toEqual([]);
  });
});

describe("variables", () => {
  const examine = (text: string, environment: Environment = {}, isCheck = true) =>
    examineConfig({ files: [{ title: "config file", path: "v.yaml", text }] }, environment, { needsAgents: true, isCheck }).remarks.map(
      ({ level, sentence }) => `${level}: ${sentence}`,
    );
  const secret = "agent: {backend: {type: openai, api_key: '${MY_KEY}'}}";

  test("that hold keys and are not set are a warning to a check, an error to a run", () => {
    expect(examine(secret)).toEqual(["warning: The variable MY_KEY is not set; a run needs it."]);
    expect(examine(secret, {}, false)).toEqual(["error: The variable MY_KEY is not set (to mean the text itself, write $${MY_KEY})."]);
  });

  test("others are an error to both", () => {
    expect(examine("agent: {backend: {type: ollama, model: '${MODEL}'}}")[0]).toContain("error: The variable MODEL is not set");
  });

  test("in what is ignored, or overridden, are not needed", () => {
    expect(examine(`agent: ${agent("a")}\nmemory: {llm: '\${NOWHERE}'}`, {}, false)).toEqual([
      "warning: memory is a setting of a later MassGen and ignored.",
    ]);
    const base = write("needs.yaml", `orchestrator: {timeout: '\${NOWHERE}'}\nagents: [${agent("a")}]`);
    const file = write("has.yaml", `extends: ${base}\norchestrator: {timeout: 5m}`);
    expect(configOf({ files: [{ title: "config file", path: file }] }, {}).settings.bounds.runMs).toBe(300_000);
  });
});
