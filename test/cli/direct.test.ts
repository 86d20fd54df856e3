import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { councilYaml, eventsOf, KEY, massgen, type Ran, start, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
const UI = "ui: { use_orchestrator_for_single_agent: false }\n";
const attempts = [
  { tokens: ["Blue ", "light ", "is"], errorAtToken: { token: 2, body: { error: { message: "overloaded" } } } },
  { text: "Blue." },
];
const breaking = () => attempts.shift() ?? { text: "" };
let server: FakeServer;

beforeAll(async () => {
  server = await startFakeOpenAI({
    models: ["one", "two"],
    reply: ({ body }) => {
      const question = String(body.messages.at(-1)?.content);
      if (question === "fail") return { status: 401, body: { error: { message: "Incorrect API key" } } };
      if (question === "break") return breaking();
      return { text: question === "key" ? `The key is ${KEY}!` : "**2**3** is 8.\n  Indented." };
    },
  });
});
afterAll(async () => {
  await server.close();
  place.remove();
});

const ask = (question: string, ...flags: readonly string[]): Promise<Ran> =>
  massgen(["--config", place.write("direct.yaml", councilYaml(server.baseUrl, ["one"], UI)), ...flags, question], { home });

describe("one agent without a council", () => {
  test("is written as it comes, once, as it is", async () => {
    const { code, stdout, stderr } = await ask("Why?");
    expect([code, stdout]).toEqual([0, "**2**3** is 8.\n  Indented.\n"]);
    expect(stderr).toContain("one answered");
  });

  test("--json has it in its events alone", async () => {
    const ran = await ask("Why?", "--json", "-q");
    expect(eventsOf(ran).at(-1)).toMatchObject({ type: "run-ended", outcome: "single", answer: "**2**3** is 8.\n  Indented." });
  });

  test("an error is an error, exit 2", async () => {
    const { code, stdout, stderr } = await ask("fail");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("No agent gave an answer: one: ");
  });

  test("what breaks off stays where it was written; the next attempt begins a line", async () => {
    const { code, stdout, stderr } = await ask("break");
    expect([code, stdout]).toEqual([0, "Blue light \nBlue.\n"]);
    expect(stderr).toContain("one failed (");
  });

  test("a person stops it: what was written ends its line, exit 4", async () => {
    let interrupt = (): void => undefined;
    const endless = await startFakeOpenAI({
      models: ["one"],
      reply: () => {
        setImmediate(() => interrupt());
        return { tokens: ["Blue ", "light"], stallAfterTokens: 1 };
      },
    });
    const file = place.write("endless.yaml", councilYaml(endless.baseUrl, ["one"], UI));
    const running = start(["--config", file, "Why?"], { home });
    interrupt = running.interrupt;
    const { code, stdout, stderr } = await running.result;
    await endless.close();
    expect([code, stdout.trimEnd()]).toEqual([4, expect.stringMatching(/^(?:Blue)?$/u)]);
    expect(stderr).toContain("Interrupt once more");
  });

  test("44. no key of the config is in what is written", async () => {
    const { stdout } = await ask("key");
    expect(stdout).toMatch(/^The key is .*!\n$/u);
    expect(stdout).not.toContain(KEY);
  });

  test("several agents are a council all the same", async () => {
    const file = place.write("two.yaml", councilYaml(server.baseUrl, ["one", "two"], UI));
    expect(eventsOf(await massgen(["--config", file, "--json", "Why?"], { home }))[0]).toMatchObject({
      agents: [{ id: "one" }, { id: "two" }],
    });
  });

  test("a chat says so, and CLI-8, CLI-11: remembers each turn once", async () => {
    const before = server.requests.length;
    const file = place.write("direct.yaml", councilYaml(server.baseUrl, ["one"], UI));
    const { stdout, stderr } = await massgen(["--config", file], { home, typed: ["a", "b", "c"] });
    expect(stdout).toBe("**2**3** is 8.\n  Indented.\n".repeat(3));
    expect(stderr).toContain("Mode: single agent, direct");
    expect(server.requests.slice(before).map(({ body }) => body.messages.filter(({ role }) => role !== "system").length)).toEqual([
      1, 3, 5,
    ]);
  });
});
