import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { massgen, workplace } from "./massgen.ts";

/** A home and a folder of their own for each test, and a server on this machine. */
let server: FakeServer;
let place = workplace();
let [home, folder] = ["", ""];

beforeAll(async () => {
  server = await startFakeOpenAI({ models: ["m"], reply: { text: "The answer." } });
});
afterAll(() => server.close());
beforeEach(() => {
  place.remove();
  place = workplace();
  [home, folder] = [join(place.folder, "home"), join(place.folder, "work")];
  mkdirSync(join(home, "config"), { recursive: true });
  mkdirSync(folder, { recursive: true });
});
afterAll(() => place.remove());

const write = (path: string, text: string): string => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const council = (id: string, more = ""): string =>
  `agents: [{id: ${id}, backend: {type: chatcompletion, model: m, base_url: '${server.baseUrl}'${more}}}]\n`;
const ask = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  massgen([...argv, "Why?"], { home, folder, environment: { MASSGEN_ENGINES: "", ...environment } });
const idOf = async (argv: readonly string[] = [], environment?: Readonly<Record<string, string>>): Promise<string> => {
  const { stdout } = await ask(["--dry-run", "--json", ...argv], environment);
  return (JSON.parse(stdout) as { readonly agents: readonly { readonly id: string }[] }).agents.map(({ id }) => id).join(",");
};

describe("a file that nobody named", () => {
  test("of the project is used, and said", async () => {
    const file = write(join(folder, "massgen.yaml"), council("of-project"));
    const { code, stdout, stderr } = await ask([]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "The answer.\n" });
    expect(stderr).toMatch(/The council is that of the project file .*massgen\.yaml/u);
    expect(existsSync(file)).toBe(true);
  });

  test("is found up to the root of the repository, and no further", async () => {
    write(join(place.folder, "massgen.yaml"), council("of-stranger"));
    const inner = folder;
    mkdirSync(join(folder, ".git"));
    write(join(folder, ".massgen", "config.yaml"), council("of-repository"));
    folder = join(inner, "deep", "down");
    mkdirSync(folder, { recursive: true });
    expect(await idOf()).toBe("of-repository");
    folder = join(place.folder, "elsewhere");
    mkdirSync(folder);
    expect((await ask(["--dry-run"])).stdout).not.toContain("of-stranger");
  });

  test("of the person is used where there is none of the project, its settings also where there is one", async () => {
    write(join(home, "config", "config.yaml"), `${council("of-person")}orchestrator: {seed: 7}\n`);
    expect(await idOf()).toBe("of-person");
    expect((await ask([])).stderr).toContain("The council is that of the user file");
    write(join(folder, "massgen.yaml"), council("of-project"));
    expect(await idOf()).toBe("of-project");
    const { stdout, stderr } = await ask(["--json"]);
    expect(stdout).toContain('"seed":7');
    expect(stderr + stdout).toContain("Settings of the user file");
  });

  test("leaves agents to flags, but keeps its settings", async () => {
    write(join(folder, "massgen.yaml"), `${council("of-project")}orchestrator: {max_answers: 1}\n`);
    const { stdout } = await ask(["--json", "--model", "m", "--base-url", server.baseUrl]);
    expect(stdout).toContain('"id":"agent1"');
    expect(stdout).toContain('"answersPerAgent":1');
  });

  test("that is wrong ends the run with its place", async () => {
    write(join(folder, "massgen.yaml"), "agents: [{id: a, backend: {type: opnai}}]");
    const { code, stderr } = await ask([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/massgen\.yaml:1:34: backend of agent "a": there is no backend "opnai"/u);
  });
});

describe("a named one goes first", () => {
  test("--config before MASSGEN_CONFIG before the project", async () => {
    write(join(folder, "massgen.yaml"), council("of-project"));
    const [one, other] = [write(join(folder, "one.yaml"), council("one")), write(join(folder, "other.yaml"), council("other"))];
    expect(await idOf([], { MASSGEN_CONFIG: one })).toBe("one");
    expect(await idOf(["--config", other], { MASSGEN_CONFIG: one })).toBe("other");
  });

  test("--profile before MASSGEN_PROFILE", async () => {
    const profiles = "profiles: {a: {agents: {x: {id: of-a}}}, b: {agents: {x: {id: of-b}}}}\n";
    const file = write(join(folder, "c.yaml"), `${council("x")}${profiles}`);
    expect(await idOf(["--config", file])).toBe("x");
    expect(await idOf(["--config", file], { MASSGEN_PROFILE: "a" })).toBe("of-a");
    expect(await idOf(["--config", file, "--profile", "b"], { MASSGEN_PROFILE: "a" })).toBe("of-b");
    expect((await ask(["--config", file, "--profile", "c"])).stderr).toContain('There is no profile "c" (--profile).');
  });

  test("a profile that a variable names for all runs means nothing to one without a config", async () => {
    const flags = ["--model", "m", "--base-url", server.baseUrl];
    expect(await idOf(flags, { MASSGEN_PROFILE: "a" })).toBe("agent1");
    expect((await ask(["--dry-run", ...flags, "--profile", "a"])).stderr).toContain("no config here has profiles");
  });

  test("a path that is not there, where a council of that name comes with massgen, is said", async () => {
    const { code, stdout, stderr } = await ask(["--dry-run", "--config", "some/where/three_agents_default.yaml"], {
      OPENAI_API_KEY: "k",
      GOOGLE_API_KEY: "k",
      XAI_API_KEY: "k",
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/gpt5nano +openai\/gpt-5-nano/u);
    expect(stderr).toContain(
      "There is no file some/where/three_agents_default.yaml: the council three_agents_default that comes with massgen takes its place",
    );
  });

  test("--strict takes no file with keys that are ignored", async () => {
    const file = write(join(folder, "c.yaml"), `${council("x")}banana: 1\n`);
    const { code, stderr } = await ask(["--strict", "--config", file]);
    expect(code).toBe(1);
    expect(stderr).toContain("banana is not known and ignored.");
  });
});

describe("a project that would send the question elsewhere", () => {
  const away = "agents: [{id: a, backend: {type: openai, model: gpt-5}}]\n";

  test("needs a yes, or to be named", async () => {
    const file = write(join(folder, "massgen.yaml"), away);
    const { code, stderr } = await ask([], { OPENAI_API_KEY: "sk-canary-0123456789" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The project file .*massgen\.yaml asks api\.openai\.com, and nobody has agreed to that\./u);
    expect(stderr).toContain("--yes");
    expect((await ask(["--dry-run", "--config", file], { OPENAI_API_KEY: "sk-canary-0123456789" })).code).toBe(0);
  });

  test("or starts programs", async () => {
    write(join(folder, "massgen.yaml"), "agents: [{id: a, backend: {type: claude_code}}]\n");
    expect((await ask([])).stderr).toContain("starts programs");
  });

  test("may say how long a run takes without being asked", async () => {
    write(join(folder, "massgen.yaml"), "orchestrator: {max_answers: 1}\n");
    const flags = ["--json", "--model", "m", "--base-url", server.baseUrl];
    expect((await ask(flags)).stdout).toContain('"answersPerAgent":1');
  });
});

describe(".env", () => {
  test("of the current folder gives keys, which nobody sees", async () => {
    write(join(folder, ".env"), "export MY_KEY='sk-from-the-file-1' # mine\n");
    const file = write(join(place.folder, "elsewhere.yaml"), council("a", ", api_key: '${MY_KEY}'"));
    const { code, stdout, stderr } = await ask(["--config", file]);
    expect(code).toBe(0);
    expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer sk-from-the-file-1");
    expect(stdout + stderr).not.toContain("sk-from-the-file-1");
  });

  test("of the config's folder goes before it, and the environment before both", async () => {
    write(join(folder, ".env"), "MY_KEY=sk-of-the-folder-1\n");
    const file = write(join(place.folder, "other", "c.yaml"), council("a", ", api_key: '${MY_KEY}'"));
    write(join(place.folder, "other", ".env"), "MY_KEY=sk-of-the-config-1\n");
    await ask(["--config", file]);
    expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer sk-of-the-config-1");
    await ask(["--config", file], { MY_KEY: "sk-of-the-shell-1" });
    expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer sk-of-the-shell-1");
  });

  test("says what it leaves out", async () => {
    write(join(folder, ".env"), "OPENAI_BASE_URL=https://elsewhere.example\n");
    const { stderr } = await ask(["--dry-run", "--model", "m", "--base-url", server.baseUrl], { OPENAI_API_KEY: "sk-canary-0123456789" });
    expect(stderr).toContain("is left out: OPENAI_API_KEY, which it does not hold, would go there.");
  });
});
