import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { settingsSchema } from "../core/facts/settings.ts";
import type { Environment } from "./interpolate.ts";
import { loadConfig, readConfig } from "./load-config.ts";

const environment: Environment = { MODEL: "qwen", EMPTY_ONE: "", MY_API_KEY: "sk-very-secret-1", HEAT: "0.5" };

const read = (text: string, file = "council.yaml") => readConfig(file, text, environment);

/** The lines of the error that reading `text` ends in. */
function errorsOf(text: string, file?: string): readonly string[] {
  try {
    read(text, file);
  } catch (error) {
    if (error instanceof MassgenError && error.code === "config") return error.message.split("\n");
    throw error;
  }
  throw new Error("read without an error");
}

const backend = "backend: {type: chatcompletion, model: m, base_url: 'http://127.0.0.1:8000/v1'}";
const withBackend = (fields: string): string => `agent:\n  id: a\n  backend:\n    type: chatcompletion\n    ${fields}\n`;

describe("a config", () => {
  test("with everything in it", () => {
    const config = read(`
agents:
  - id: critic
    system_message: |
      Be strict.
    backend:
      type: ChatCompletion
      model: m
      base_url: http://127.0.0.1:8000/v1/chat/completions
      temperature: 0.2
      top_p: 0.9
      top_k: 40
      max_tokens: 100
      seed: 7
      context_length: 4096
      parallel: 2
      presence_penalty: 1
      special_field: {deep: [1]}
      extra_body: {keep_alive: null}
ui: {display_type: simple, logging_enabled: no}
orchestrator:
  timeout: 10m
  agent_timeout: 90
  token_budget: 5000
  max_answers: 1
  max_attempts: 2
  max_failures: 1
  answer_tokens: 800
  final_answer_strategy: synthesize
  voting: {self_votes: exclude}
  seed: 42
  prompts: {draftSystem: "Answer briefly."}
`);
    expect(config).toEqual({
      file: "council.yaml",
      agents: [
        {
          id: "critic",
          system_message: "Be strict.\n",
          place: "council.yaml:3:5",
          backend: {
            type: "chatcompletion",
            model: "m",
            base_url: "http://127.0.0.1:8000/v1",
            temperature: 0.2,
            top_p: 0.9,
            top_k: 40,
            max_tokens: 100,
            seed: 7,
            context_length: 4096,
            parallel: 2,
            extra_body: { presence_penalty: 1, special_field: { deep: [1] }, keep_alive: null },
          },
        },
      ],
      seed: 42,
      ui: { display_type: "simple", logging_enabled: false, use_orchestrator_for_single_agent: true },
      settings: {
        strategy: "consensus",
        finalAnswer: "synthesize",
        voting: { rule: "plurality", selfVotes: "exclude" },
        bounds: {
          runMs: 600_000,
          agentMs: 90_000,
          runTokens: 5000,
          answersPerAgent: 1,
          attemptsPerCall: 2,
          failuresPerAgent: 1,
          toolCallsPerAnswer: 25,
          toolMs: 60_000,
          answerTokens: 800,
        },
        prompts: { draftSystem: "Answer briefly." },
      },
      warnings: [],
      secrets: [],
    });
  });

  test("43. null falls back to the default, everywhere", () => {
    const config = read(
      `agents:\n- {id: null, ${backend}, system_message: null}\nui: null\ndisplay: null\norchestrator: {timeout: ~, voting: null}\n`,
    );
    expect(config.settings).toEqual(settingsSchema.parse({}));
    expect(config.ui.display_type).toBe("rich_terminal");
    expect(config.agents).toMatchObject([{ id: "agent1" }]);
    expect(config.agents[0]).not.toHaveProperty("system_message");
    expect(config.warnings).toEqual([]);
  });

  test.each([
    ["one agent", `agent: {${backend}}`, ["agent1"]],
    ["a list without ids", `agents: [{${backend}}, {${backend}}]`, ["agent1", "agent2"]],
    ["a mapping by id", `agents: {poet: {${backend}}, 7: {${backend}}}`, ["poet", "7"]],
    [
      "numbers as they are written",
      `agents: [{id: 007, ${backend}}, {id: 1.10, ${backend}}, {id: true, ${backend}}]`,
      ["007", "1.10", "true"],
    ],
    ["anchors and merges", `agents:\n- &one {id: x, ${backend}}\n- {<<: *one, id: y}`, ["x", "y"]],
    ["a byte order mark and Windows lines", `\uFEFFagent:\r\n  id: w\r\n  ${backend}\r\n`, ["w"]],
  ])("%s", (_, text, ids) => {
    expect(read(text).agents.map(({ id }) => id)).toEqual(ids);
  });

  test("JSON, also with tabs", () => {
    const text = '{\n\t"agent": {"id": "a\\u00e9\\/b", "backend": {"type": "lmstudio", "model": "m"}}\n}';
    expect(read(text, "c.json").agents).toMatchObject([{ id: "aé/b", backend: { type: "lmstudio" } }]);
  });

  test.each([
    ["its address", "base_url: 'http://127.0.0.1:1/v1'", "chatcompletion"],
    ["a model file", "model: ./m.gguf", "embedded"],
  ])("a type can be told by %s", (_, field, type) => {
    expect(read(`agent: {backend: {${field}}}`).agents[0]?.backend.type).toBe(type);
  });

  test("later MassGen's name of the bound on answers is understood", () => {
    expect(read(`agent: {${backend}}\norchestrator: {max_new_answers_per_agent: 5}`).settings.bounds.answersPerAgent).toBe(5);
  });
});

test("all documented options of claude_code are read, and others go to its SDK (CFG-3)", () => {
  const { agents, warnings } = read(`
agents:
  - backend:
      type: claude_code
      cwd: project
      append_system_prompt: Be brief.
      allowed_tools: [Read, "Bash(git *)"]
      disallowed_tools: ["Bash(rm:*)"]
      permission_mode: plan
      max_turns: "3"
      max_thinking_tokens: 4096
      enable_web_search: false
      max_budget_usd: 2
`);
  expect(agents[0]?.backend).toEqual({
    type: "claude_code",
    enable_web_search: false,
    extra_body: { max_budget_usd: 2 },
    fields: {
      cwd: "project",
      append_system_prompt: "Be brief.",
      allowed_tools: ["Read", "Bash(git *)"],
      disallowed_tools: ["Bash(rm:*)"],
      permission_mode: "plan",
      max_turns: 3,
      max_thinking_tokens: 4096,
    },
  });
  expect(warnings).toEqual([]);
});

describe("variables", () => {
  test.each([
    ["${MODEL}", "qwen"],
    ["${NOT_THERE:-small}", "small"],
    ["${EMPTY_ONE:-small}", "small"],
    ["a-${MODEL}-b", "a-qwen-b"],
    ["$${MODEL}", "${MODEL}"],
    ["$MODEL costs $$5", "$MODEL costs $$5"],
  ])("%s is %s", (written, value) => {
    expect(read(withBackend(`model: "${written}"`)).agents[0]?.backend.model).toBe(value);
  });

  test("numbers may come from variables", () => {
    expect(read(withBackend('temperature: "${HEAT}"')).agents[0]?.backend.temperature).toBe(0.5);
  });

  test("a missing one is named with its place", () => {
    expect(errorsOf(withBackend('model: "${NOPE}"'))).toEqual([
      "council.yaml:5:12: The variable NOPE is not set (to mean the text itself, write $${NOPE}).",
    ]);
  });

  test("44. keys are secrets wherever they stand, placeholders are none", () => {
    expect(read(withBackend("api_key: sk-in-the-file")).secrets).toEqual(["sk-in-the-file"]);
    expect(read(withBackend('extra_body: {auth: "${MY_API_KEY}"}')).secrets).toEqual(["sk-very-secret-1"]);
    expect(read(withBackend("api_key: EMPTY")).secrets).toEqual([]);
  });

  test("44. no error repeats a secret", () => {
    expect(errorsOf(withBackend('temperature: "${MY_API_KEY}"'))[0]).toMatch(/must be a number, not "\$\{MY_API_KEY\}"/);
    expect(errorsOf(withBackend("api_key: 123456789"))).toEqual(['council.yaml:5:14: api_key of agent "a" must be text.']);
    expect(errorsOf(withBackend("base_url: http://me:hunter22@host/v1"))[0]).not.toContain("hunter22");
  });
});

describe("refused, with the place", () => {
  test.each([
    ["", "council.yaml: The file is empty; a config needs agent or agents."],
    ["# nothing\n", "council.yaml: The file is empty; a config needs agent or agents."],
    ["hello", "council.yaml:1:1: A config is a mapping with agent or agents, not plain text."],
    ["- a", "council.yaml:1:1: A config is a mapping with agent or agents, not a list."],
    ["ui: {}", "council.yaml:1:1: There are no agents: a config needs agent or agents."],
    ["agents: []", "council.yaml:1:1: agents must be a list of agents, or a mapping of them by id, with one at least."],
    ["agents: 3", "council.yaml:1:1: agents must be a list of agents, or a mapping of them by id, with one at least."],
    ["agents:\n- hello", 'council.yaml:2:3: Agent "agent1" must be a mapping with a backend.'],
    [`agent: {${backend}}\nagents: [{${backend}}]`, "council.yaml:1:1: agent and agents are both there; a config has one of them."],
    [`agent: {id: "", ${backend}}`, 'council.yaml:1:13: id of agent "" must be some text, not "".'],
    [`agent: {id: "a\\nb", ${backend}}`, "council.yaml:1:13: id of agent"],
    [`agent: {id: [a], ${backend}}`, 'council.yaml:1:13: id of agent "agent1" must be text.'],
    [`agents:\n- {id: x, ${backend}}\n- {id: x, ${backend}}`, 'council.yaml:3:4: The id "x" is taken already, at council.yaml:2:8.'],
    ["agent: {id: x}", 'backend of agent "x" is missing.'],
    ["agent: {id: x, backend: lmstudio}", 'backend of agent "x" must be a mapping with type and model.'],
    [
      "agent: {id: x, backend: {}}",
      'type of agent "x" is missing, and nothing else tells which backend is meant: one of chatcompletion, lmstudio,',
    ],
    ["agent: {id: x, backend: {type: 5}}", 'council.yaml:1:32: type of agent "x" must be text.'],
    [
      "agent: {id: x, backend: {type: chatcompletions}}",
      'backend of agent "x": there is no backend "chatcompletions" (did you mean "chatcompletion"?).',
    ],
    [
      "agent: {id: x, backend: {type: foo}}",
      'there is no backend "foo" (this version has chatcompletion, lmstudio, llamacpp, ollama, vllm, sglang, embedded, local, claude_code, openai, claude, gemini',
    ],
    [
      "agent: {id: x, backend: {type: Claude-Code, permission_mode: all}}",
      'council.yaml:1:62: permission_mode of agent "x" must be one of default, acceptEdits',
    ],
    [withBackend("base_url: localhost:1234"), 'council.yaml:5:15: base_url of agent "a" must be an address such as'],
    [withBackend("temprature: 1"), 'council.yaml:5:5: temprature of agent "a" is not known (did you mean "temperature"?).'],
    [withBackend("temperature: hot"), 'council.yaml:5:18: temperature of agent "a" must be a number, not "hot".'],
    [withBackend("temperature: .nan"), 'temperature of agent "a" must be a number'],
    [withBackend("top_p: 2"), 'top_p of agent "a" must be at most 1, not "2".'],
    [withBackend("temperature: -1"), 'temperature of agent "a" must be at least 0, not "-1".'],
    [withBackend("max_tokens: 0"), 'max_tokens of agent "a" must be above 0, not "0".'],
    [withBackend("max_tokens: 1.5"), 'max_tokens of agent "a" must be a whole number, not "1.5".'],
    [withBackend("extra_body: [1]"), 'extra_body of agent "a" must be a mapping.'],
    [`agent: {system_mesage: x, ${backend}}`, 'system_mesage of agent "agent1" is not known (did you mean "system_message"?).'],
    [`agnt: {}\nagent: {${backend}}`, 'council.yaml:1:1: agnt is not known (did you mean "agent"?).'],
    [`agent: {${backend}}\nui: 5`, "council.yaml:2:5: ui must be a mapping"],
    [`agent: {${backend}}\nui: {}\ndisplay: {}`, "council.yaml:3:1: display and ui are both there; they mean the same."],
    [
      `agent: {${backend}}\nui: {display_type: simpel}`,
      'must be one of rich_terminal, terminal, simple (did you mean "simple"?), not "simpel".',
    ],
    [`agent: {${backend}}\nui: {logging_enabled: perhaps}`, 'logging_enabled of ui must be true or false, not "perhaps".'],
    [`agent: {${backend}}\norchestrator: {timeout: soon}`, "timeout of orchestrator must be a time above zero"],
    [`agent: {${backend}}\norchestrator: {timeout: [1]}`, "timeout of orchestrator must be a number or text."],
    [`agent: {${backend}}\norchestrator: {timeuot: 5}`, 'timeuot of orchestrator is not known (did you mean "timeout"?).'],
    [`agent: {${backend}}\norchestrator: {voting: {self_vote: count}}`, 'self_vote of voting is not known (did you mean "self_votes"?).'],
    [`agent: {${backend}}\norchestrator: {prompts: {balot: x}}`, 'balot of prompts is not known (did you mean "ballot"?).'],
    ["a: 1\na: 2", "council.yaml:2:1: This key is there twice."],
    ["a: [1\nb: 2", "council.yaml:2:1: This is not valid YAML:"],
    ["a:\n\tb: 1", "council.yaml:2:1: This is not valid YAML: Tabs are not allowed as indentation."],
    ["a: 1\n---\nb: 2", "council.yaml:2:1: A second document begins here; a config file holds one."],
    ["a: &x [*x]", "council.yaml:1:1: This is not valid YAML: a value contains itself."],
    ["a: *x", "This is not valid YAML: Unresolved alias"],
    [`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /^council\.yaml:1:\d+: It is nested too deeply\.$/u],
  ])("%.80j", (text, expected) => {
    if (typeof expected === "string") expect(errorsOf(text).join("\n")).toContain(expected);
    else expect(errorsOf(text)).toEqual([expect.stringMatching(expected)]);
  });

  test("JSON with the place", () => {
    expect(errorsOf('{"agent":\n  {"id": tru}}', "c.json")[0]).toMatch(/^c\.json:2:10: This is not valid JSON: /);
  });

  test("of a text that cannot be parsed the first flaw alone, quoted in short", () => {
    const errors = errorsOf(`agents:\n${"  - {id: a, [}\n".repeat(50)}`);
    expect(errors).toHaveLength(1);
    expect(errorsOf(`{${"x".repeat(1_000_000)}`, "c.json").join("\n").length).toBeLessThan(250);
  });

  test("everything at once, in the order of the lines", () => {
    const lines = errorsOf(`agents:\n- {id: x, backend: {type: foo}}\n- {id: x, backend: {type: bar}}\nagnt: 1\n`);
    expect(lines.map((line) => line.split(":").slice(1, 3).join(":"))).toEqual(["2:27", "3:4", "3:27", "4:1"]);
  });
});

describe("43. warnings, with the place", () => {
  test.each([
    [`agent: {${backend}}\nbanana: 1`, "council.yaml:2:1: banana is not known and ignored."],
    [`agent: {colour: red, ${backend}}`, 'council.yaml:1:9: colour of agent "agent1" is not known and ignored.'],
    [`agent: {${backend}}\nui: {theme: dark}`, "council.yaml:2:6: theme of ui is not known and ignored."],
    [
      `agent: {${backend}}\norchestrator: {snapshot_storage: x}`,
      "council.yaml:2:16: snapshot_storage of orchestrator is a setting of a later MassGen and ignored.",
    ],
    [`agent: {${backend}}\ndisplay: {}`, "council.yaml:2:1: display is read as ui, its name in MassGen."],
    [`agent: {${backend}}\nui: {type: simple}`, "council.yaml:2:6: type of ui is read as display_type."],
    [
      withBackend("enable_web_search: true"),
      'council.yaml:5:5: enable_web_search of agent "a" means nothing to chatcompletion and is ignored.',
    ],
    [withBackend("stream: false"), 'council.yaml:5:5: stream of agent "a" is filled in by massgen itself and ignored here.'],
    [withBackend("extra_body: {tools: []}"), 'council.yaml:5:18: tools of agent "a" is filled in by massgen itself and ignored here.'],
    [
      "agent: {backend: {type: claude_code, temperature: 1}}",
      'council.yaml:1:38: temperature of agent "agent1" means nothing to claude_code and is ignored.',
    ],
    ["agent: {backend: {type: embedded, wings: 2}}", 'council.yaml:1:35: wings of agent "agent1" is not known and ignored.'],
    ...(
      [
        ["vllm", "autostart: true"],
        ["ollama", "autostart: true"],
        ["sglang", "autoload: true"],
        ["llamacpp", "autopull: true"],
        ["llamacpp", "ttl: 10m"],
        ["vllm", "keep_alive: 10m"],
        ["sglang", "max_loaded_models: 2"],
        ["chatcompletion", "threads: 2"],
        ["embedded", "extra_body: {min_p: 0.1}"],
        ["local", "base_url: http://127.0.0.1:1"],
      ] as const
    ).map(([type, setting]): [string, string] => [
      `agent: {backend: {type: ${type}, model: m, ${setting}}}`,
      `${setting.split(":")[0]} of agent "agent1" means nothing to ${type} and is ignored.`,
    ]),
    [`agent: {id: !python/name x, ${backend}}`, "council.yaml:1:13: Unresolved tag"],
  ])("%j", (text, warning) => {
    const { warnings } = read(text);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(warning);
  });

  test("what a backend can use says nothing", () => {
    const settings = "autostart: true, autoload: true, autopull: true, ttl: 5m, max_loaded_models: 2, parallel: 2, context_length: 4096";
    const { agents, warnings } = read(`agent: {backend: {type: lmstudio, model: m, ${settings}}}`);
    expect(warnings).toEqual([]);
    expect(agents[0]?.backend).toMatchObject({ autostart: true, ttl: 300_000, max_loaded_models: 2 });
    expect(read("agent: {backend: {type: vllm, model: m, autostart: false}}").warnings).toEqual([]);
  });

  test("a switch that is off says nothing, and nothing of it is sent", () => {
    const config = read(withBackend("enable_web_search: false"));
    expect(config.warnings).toEqual([]);
    expect(config.agents[0]?.backend).not.toHaveProperty("extra_body");
  });
});

describe("files", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "massgen-config-"));
    await writeFile(join(folder, "council.yaml"), `agent: {id: x, ${backend}}`);
    await writeFile(join(folder, "latin1.yaml"), Buffer.from([0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0xe9]));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is read", async () => {
    expect((await loadConfig(join(folder, "council.yaml"), {})).agents).toHaveLength(1);
  });

  test.each([
    ["council.yml", /There is no config file .*council\.yml\./, "Did you mean council.yaml?"],
    ["nothing/at/all.yaml", /There is no config file .*all\.yaml\./, undefined],
    [".", /The config file .* is a folder\./, undefined],
    ["latin1.yaml", /latin1\.yaml:2:1: This is not UTF-8 text; save the file as UTF-8\./, undefined],
  ])("%s is refused", async (name, message, hint) => {
    const loading = loadConfig(join(folder, name), {});
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toMatchObject({ code: "config", hint });
  });
});

const shipped = join(import.meta.dirname, "../../../shared/compat/configs-0.0.7");
const files = existsSync(shipped) ? readdirSync(shipped) : [];

describe.skipIf(files.length === 0)("files of MassGen 0.0.7 (skipped where ../shared is not there)", () => {
  test.each(files)("%s loads, and holds nothing this version does not understand", async (file) => {
    const { warnings } = await loadConfig(join(shipped, file), {});
    expect(warnings.filter((line) => !/display is read as ui|type of (?:ui|display) is read/u.test(line))).toEqual([]);
  });
});
