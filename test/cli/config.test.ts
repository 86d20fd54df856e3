import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { massgen, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
mkdirSync(join(home, "config"), { recursive: true });
afterAll(() => place.remove());

const agent = (id: string): string => `{id: ${id}, backend: {type: chatcompletion, model: m, base_url: 'http://127.0.0.1:9/v1'}}`;
const run = (...argv: readonly string[]) => massgen(["config", ...argv], { home, folder: place.folder });
const jsonLines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("config validate", () => {
  const right = place.write("right.yaml", `agents: [${agent("a")}]\nbanana: 1\n`);
  const wrong = place.write("wrong.yaml", `agents:\n- ${agent("a")}\n- {id: a, backend: {type: opnai}}\norchestrator: {timeuot: 1}\n`);

  test("says what is right, and warns of what is ignored", async () => {
    const { code, stdout } = await run("validate", right);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${right}: right, 1 agent\n  warning: ${right}:2:1: banana is not known and ignored.\n`,
    });
  });

  test("says everything that is wrong, of all files, with its place, and ends with 1", async () => {
    const { code, stdout } = await run("validate", right, wrong);
    expect(code).toBe(1);
    expect(stdout).toContain(`${right}: right, 1 agent`);
    expect(stdout).toContain(`${wrong}: wrong`);
    expect(stdout).toContain(`  error: ${wrong}:3:4: The id "a" is taken already, at ${wrong}:2:8.`);
    expect(stdout).toContain(`  error: ${wrong}:3:27: backend of agent "a": there is no backend "opnai" (did you mean "openai"?).`);
    expect(stdout).toContain(`  error: ${wrong}:4:16: timeuot of orchestrator is not known (did you mean "timeout"?).`);
  });

  test("--strict takes what is ignored for wrong", async () => {
    const { code, stdout } = await run("validate", "--strict", right);
    expect(code).toBe(1);
    expect(stdout).toContain(`error: ${right}:2:1: banana`);
  });

  test("--json has a line for each file", async () => {
    const { code, stdout } = await run("validate", "--json", right, wrong, "nowhere.yaml");
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual([
      { file: right, valid: true, agents: 1, errors: [], warnings: [expect.objectContaining({ line: 2, column: 1, level: "warning" })] },
      {
        file: wrong,
        valid: false,
        agents: 0,
        errors: [expect.objectContaining({ file: wrong, line: 3 }), expect.anything(), expect.anything()],
        warnings: [],
      },
      {
        file: "nowhere.yaml",
        valid: false,
        agents: 0,
        errors: [expect.objectContaining({ message: expect.stringContaining("nowhere.yaml") as string })],
        warnings: [],
      },
    ]);
  });

  test("a key that is not on this machine is a warning with the variable and the host", async () => {
    const file = place.write(
      "cloud.yaml",
      "agents:\n- id: a\n  backend: {type: claude, model: claude-sonnet-4}\n- backend: {type: openai, api_key: '${MY_OWN_KEY}'}\n",
    );
    const { code, stdout } = await run("validate", file);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `warning: ${file}:2:3: A run needs a key for api.anthropic.com: ANTHROPIC_API_KEY is not set on this machine.`,
    );
    expect(stdout).toContain(`warning: ${file}:4:36: The variable MY_OWN_KEY is not set; a run needs it.`);
    expect(stdout).not.toContain("api.openai.com");
  });

  test("each profile is checked, too, and what all say is said once", async () => {
    const file = place.write(
      "profiles.yaml",
      `agents: [${agent("a")}]\nbanana: 1\nprofiles:\n  fast: {orchestrator: {timeout: soon}}\n  slow: {orchestrator: {timeout: 1h}}\n`,
    );
    const { code, stdout } = await run("validate", file);
    expect(code).toBe(1);
    expect(stdout).toContain(`error: ${file}:4:34: timeout of orchestrator must be a time above zero`);
    expect(stdout.match(/banana/gu)).toHaveLength(1);
    expect((await run("validate", "--profile", "slow", file)).code).toBe(0);
    expect((await run("validate", "--profile", "slwo", file)).stdout).toContain(
      'There is no profile "slwo" (--profile). Did you mean slow?',
    );
  });

  test("a broken file is one error", async () => {
    const file = place.write("broken.yaml", "agents: [");
    const { code, stdout } = await run("validate", file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken\.yaml:1:\d+: This is not valid YAML/u);
  });

  test("without a file it is that of the project, or needs to be told", async () => {
    expect((await run("validate")).code).toBe(64);
    const folder = join(place.folder, "project");
    mkdirSync(folder);
    place.write("project/massgen.yaml", `agents: [${agent("a")}]`);
    const { code, stdout } = await massgen(["config", "validate"], { home, folder });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("massgen.yaml: right, 1 agent") as string });
  });
});

describe("config show", () => {
  test("--json gives the agents as they would be asked, without secrets", async () => {
    const file = place.write(
      "show.yaml",
      "agents:\n- id: a\n  system_message: Be brief.\n  backend: {type: openai, model: gpt-5, api_key: sk-shown-to-nobody, text: {verbosity: low}, extra_body: {headers: {Authorization: hunter22}}}\norchestrator: {timeout: 5m, seed: 3}\n",
    );
    const { code, stdout, stderr } = await run("show", file, "--json", "--max-answers", "1");
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/sk-shown|hunter22/u);
    expect(jsonLines(stdout)).toMatchObject([
      {
        files: [{ is: "config file", path: file }],
        agents: [
          {
            id: "a",
            type: "openai",
            model: "gpt-5",
            system_message: "Be brief.",
            backend: { type: "openai", api_key: "(hidden)", text: { verbosity: "low" } },
          },
        ],
        orchestrator: { timeout: "5m", seed: 3, max_answers: 1 },
        ui: { display_type: "rich_terminal" },
        warnings: [],
      },
    ]);
  });

  test("as text it is a file that can be kept", async () => {
    const { stdout } = await run("show", "mixed");
    const kept = place.write("kept.yaml", stdout);
    const [again] = jsonLines((await run("show", "--json", kept)).stdout);
    const [first] = jsonLines((await run("show", "--json", "mixed")).stdout);
    expect(again?.["agents"]).toEqual(first?.["agents"]);
    expect(again?.["orchestrator"]).toEqual(first?.["orchestrator"]);
  });

  test("a wrong file is an error with its place", async () => {
    const file = place.write("wrong2.yaml", "agent: {backend: {type: 5}}");
    const { code, stderr } = await run("show", file);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}:1:25: type of agent "agent1" must be text.`);
  });

  test("without any file it is the defaults", async () => {
    const { code, stdout } = await run("show");
    expect(code).toBe(0);
    expect(stdout).toContain("# No file: the defaults.\norchestrator:\n");
  });
});

describe("config explain", () => {
  const file = place.write(
    "explain.yaml",
    `agents:\n- ${agent("gpt-4.1")}\n- {id: b, backend: {type: claude, api_key: 'hunter22', model: claude-x}}\norchestrator: {max_new_answers_per_agent: 3}\nprofiles: {p: {agents: {b: {backend: {model: claude-y}}}}}\n`,
  );

  test("names value, meaning, file and line that won, and what that overrode", async () => {
    const { code, stdout } = await run("explain", "agents.b.backend.model", "--config", file, "--profile", "p");
    expect(code).toBe(0);
    expect(stdout).toContain(
      `agents.b.backend.model: claude-y\n  The model's name; for embedded a name of the catalogue or a GGUF file, for local a family.\n  said by the profile p, ${file}:5:46\n  instead of claude-x, the config file, ${file}:3:63\n`,
    );
  });

  test.each([
    ["agents.gpt-4.1.backend.model", "agents.gpt-4.1.backend.model: m"],
    ["agents[0].backend.model", "agents.gpt-4.1.backend.model: m"],
    ["agents.b.backend.api_key", "agents.b.backend.api_key: (hidden)"],
    ["agents.b.backend.top_p", "agents.b.backend.top_p: the server's (the default)"],
    ["orchestrator.max_answers", "orchestrator.max_answers: 3"],
    ["orchestrator.max_new_answers_per_agent", "orchestrator.max_answers: 3"],
    ["orchestrator.timeout", "orchestrator.timeout: 30m (the default)"],
    ["ui.type", "ui.display_type: rich_terminal (the default)"],
    ["orchestrator", "orchestrator.max_answers: 3"],
    ["agents.b", "agents.b.id: b"],
  ])("%s", async (key, first) => {
    const { code, stdout } = await run("explain", key, "--config", file);
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe(first);
    expect(stdout).not.toContain("hunter22");
  });

  test.each([
    ["orchestrator.timeuot", "There is no setting orchestrator.timeuot.", "Did you mean orchestrator.timeout?"],
    ["agents.c.backend", 'No agent has the id "c".', "agents.b"],
    ["banana", "There is no setting banana.", "There is $schema, agent, agents"],
  ])("%s is refused", async (key, message, hint) => {
    const { code, stderr } = await run("explain", key, "--config", file);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

test("config list names what comes with massgen and what is found by itself", async () => {
  const rows = jsonLines((await run("list", "--json")).stdout);
  expect(rows).toContainEqual({
    kind: "presets",
    name: "local-8gb",
    path: expect.stringMatching(/local-8gb\.yaml$/u) as string,
    about: "8 GB of memory for models: one small model in three roles",
  });
  expect(rows).toContainEqual(
    expect.objectContaining({ kind: "templates", name: "embedded", about: "Models inside this process, with no server at all" }),
  );
  expect((await run("list")).stdout).toContain("Councils on models of this machine");
});

test("config schema prints the published schema", async () => {
  expect(jsonLines((await run("schema")).stdout.replaceAll("\n", " "))[0]).toMatchObject({ title: "A council of massgen" });
});

test.each([
  [["config"], '"massgen config" alone does nothing'],
  [["config", "validat"], 'knows no "validat". Did you mean "validate"?'],
  [["config", "explain"], "needs to know which key"],
  [["config", "show", "a", "b"], '"massgen config show" takes no more words: massgen config show [FILE]'],
  [["config", "schema", "x"], '"massgen config schema" takes no more words: massgen config schema'],
  [["config", "schema", "--timeout", "5"], '--timeout means nothing to "massgen config schema".'],
])("%j is a usage error", async (argv, message) => {
  const { code, stderr } = await massgen(argv, { home });
  expect(code).toBe(64);
  expect(stderr).toContain(message);
});
