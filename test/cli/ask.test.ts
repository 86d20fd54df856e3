import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeOpenAI, type FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, eventsOf, isDraft, massgen, type Ran, start, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;
let config: string;

beforeAll(async () => {
  server = await councilServer();
  config = place.write("council.yaml", councilYaml(server.baseUrl));
});
afterAll(async () => {
  await server.close();
  place.remove();
});

const quick = (...argv: readonly string[]): Promise<Ran> => massgen(["--base-url", server.baseUrl, "--model", "two", ...argv], { home });

describe("exit codes", () => {
  test("0: answered, by one agent from flags alone", async () => {
    expect(await quick("-q", "Why?")).toMatchObject({ code: 0, stdout: "The draft of two.\n", stderr: "" });
  });

  test("3: the time ran out without an answer", async () => {
    const silent = await councilServer(() => ({ headersAfterMs: 5_000 }));
    const ran = await massgen(["--config", place.write("silent.yaml", councilYaml(silent.baseUrl)), "--timeout", "5", "Why?"], { home });
    await silent.close();
    expect([ran.code, ran.stdout]).toEqual([3, ""]);
    expect(ran.stderr).toContain("The time of this run was up before anybody had answered");
  });

  test("0: the time ran out, but there was an answer", async () => {
    const slow = await councilServer((request) => (isDraft(request) ? undefined : { headersAfterMs: 5_000 }));
    const ran = await massgen(["--config", place.write("slow.yaml", councilYaml(slow.baseUrl)), "--timeout", "10", "Why?"], { home });
    await slow.close();
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^The draft of \w+\.\n$/u);
    expect(ran.stderr).toContain("The time of this run was up.");
  });

  test("33. a person stops the run: 4 without an answer", async () => {
    let interrupt = (): void => undefined;
    const silent = await councilServer(() => {
      setImmediate(() => interrupt());
      return { headersAfterMs: 5_000 };
    });
    const running = start(["--config", place.write("silent.yaml", councilYaml(silent.baseUrl)), "Why?"], { home });
    interrupt = running.interrupt;
    const ran = await running.result;
    await silent.close();
    expect([ran.code, ran.stdout]).toEqual([4, ""]);
    expect(ran.stderr).toContain("The run was stopped before anybody had answered");
  });

  test("130: interrupted twice, the process ends on the spot and says how to go on", async () => {
    let interrupt = (): void => undefined;
    const silent = await councilServer(() => {
      setImmediate(() => interrupt());
      return { headersAfterMs: 5_000 };
    });
    const running = start(["--config", place.write("silent.yaml", councilYaml(silent.baseUrl)), "-q", "Why?"], { home });
    interrupt = () => {
      running.interrupt();
      running.interrupt();
      interrupt = () => undefined;
    };
    const { killedWith, stderr } = await running.result;
    await silent.close();
    expect(killedWith).toBe(130);
    expect(stderr).toMatch(/massgen: Killed\. massgen resume \d{8}-\d{6}-\w{6} goes on with this run\./u);
  });

  test("4: interrupted while it still reads its config", async () => {
    const running = start(["--base-url", server.baseUrl, "--model", "two", "Why?"], { home });
    setImmediate(running.interrupt);
    const ran = await running.result;
    expect([ran.code, ran.stdout]).toEqual([4, ""]);
  });

  test("5: degraded, with --strict; the answer is there all the same", async () => {
    const lossy = await councilServer(({ body }) =>
      body.model === "three" ? { status: 404, body: { error: { message: "no such model" } } } : undefined,
    );
    const file = place.write("lossy.yaml", councilYaml(lossy.baseUrl));
    const strict = await massgen(["--config", file, "--strict", "-q", "Why?"], { home });
    const lenient = await massgen(["--config", file, "Why?"], { home });
    await lossy.close();
    expect([strict.code, strict.stdout]).toEqual([5, "The final answer.\n"]);
    expect(strict.stderr).toContain("Degraded: 1 of 3 agents was lost: three:");
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain("Degraded: 1 of 3 agents was lost: three:");
  });

  test.each<[string, readonly string[], string]>([
    ["no question and no input", [], "There is no question."],
    ["an unknown flag", ["--tiemout", "3", "Why?"], "Did you mean --timeout?"],
    ["an unknown command", ["resumee"], 'Did you mean "resume"?'],
    ["a value that means nothing", ["--timeout", "soon", "Why?"], "--timeout takes a time"],
  ])("64: %s", async (_name, argv, sentence) => {
    const ran = await massgen(argv, { home });
    expect([ran.code, ran.stdout]).toEqual([64, ""]);
    expect(ran.stderr).toContain(sentence);
  });
});

describe("bad configs: one clear sentence, exit 1", () => {
  test.each<[string, string, string]>([
    ["not YAML", "agents:\n  - id: [", "bad.yaml:2"],
    ["no agents", "ui: {}\n", "agent"],
    ["the same id twice", councilYaml("http://127.0.0.1:9/v1", ["one", "one"]), "one"],
    ["an unknown backend", "agents: [{ id: a, backend: { type: chatcompletio, model: x } }]", "chatcompletion"],
    ["43. an unknown key", "agents: [{ id: a, backend: { type: chatcompletion, model: x }, sytem_message: hm }]", "bad.yaml:1"],
  ])("%s", async (_name, text, part) => {
    const ran = await massgen(["--config", place.write("bad.yaml", text), "Why?"], { home });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toMatch(/^massgen: /u);
    expect(ran.stderr).toContain(part);
    expect(ran.stderr).not.toMatch(/\n\s+at /u);
  });

  test("a server that does not run: its address and how to start it", async () => {
    const gone = await councilServer();
    await gone.close();
    const ran = await massgen(["--base-url", gone.baseUrl, "--model", "x", "Why?"], { home });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toMatch(/No server answers at http:\/\/127\.0\.0\.1:\d+ .*\n\s+Start the server/u);
  });

  test("a history that is none", async () => {
    const ran = await quick("--history", place.write("history.json", "[7]"), "Why?");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("history.json:1: This is no turn of a conversation.");
  });
});

describe("servers that answer nonsense: exit 2, and why for each agent", () => {
  test.each<[string, Parameters<typeof startFakeOpenAI>[0]["reply"], RegExp]>([
    ["401", { status: 401, body: { error: { message: "Invalid API key" } } }, /key/iu],
    ["404", { status: 404, body: { error: { message: "model not found" } } }, /model not found|not found/iu],
    ["500", { status: 500, body: "Internal Server Error" }, /500|Internal Server Error/u],
    ["a web page", { status: 200, body: "<!doctype html><html><title>Welcome</title></html>" }, /web page|Welcome|HTML/iu],
  ])("%s", async (_name, reply, why) => {
    const odd = await startFakeOpenAI({ models: ["one", "two"], reply });
    const ran = await massgen(["--config", place.write("odd.yaml", councilYaml(odd.baseUrl, ["one", "two"])), "Why?"], { home });
    await odd.close();
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    const [said = ""] = /No agent gave an answer: .*/u.exec(ran.stderr) ?? [];
    expect(said).toMatch(/one and two: |one: .*two: /u);
    expect(said).toMatch(why);
  });

  test("nothing at all", async () => {
    const mute = await mutedServer();
    const ran = await massgen(["--base-url", `http://127.0.0.1:${(mute.address() as AddressInfo).port}/v1`, "--model", "x", "Why?"], {
      home,
    });
    mute.close();
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toMatch(/No agent gave an answer: agent1: .*127\.0\.0\.1/u);
  });
});

/** Closes every connection without a word. */
function mutedServer(): Promise<Server> {
  const mute = createServer((incoming) => incoming.socket.destroy());
  return new Promise((resolve) => mute.listen(0, "127.0.0.1", () => resolve(mute)));
}

describe("where the question comes from", () => {
  const questionOf = (ran: Ran): string | undefined => eventsOf(ran).find((event) => event.type === "run-started")?.question;

  test("from standard input alone", async () => {
    const ran = await massgen(["--config", config, "--json", "-q"], { home, stdin: "Why, oh why?\n" });
    expect(questionOf(ran)).toBe("Why, oh why?");
  });

  test("from both: standard input is context", async () => {
    const ran = await massgen(["--config", config, "--json", "What changed?"], { home, stdin: "+ line\n" });
    expect(questionOf(ran)).toBe("What changed?\n\nContext from standard input:\n\n```\n+ line\n```");
    expect(ran.stderr).toContain("With 7 characters of context from standard input.");
  });

  test("nothing on standard input adds nothing", async () => {
    const ran = await massgen(["--config", config, "--json", "Why?"], { home, stdin: "" });
    expect(questionOf(ran)).toBe("Why?");
  });

  test("with a history", async () => {
    const file = place.write("turns.jsonl", '{"question": "Hello", "answer": "Hi"}\n');
    const before = server.requests.length;
    const ran = await quick("--history", file, "And now?");
    expect(ran.code).toBe(0);
    const messages = server.requests[before]?.body.messages.filter(({ role }) => role !== "system");
    expect(messages?.map(({ content }) => content)).toEqual(["Hello", "Hi", "And now?"]);
  });
});

test("flags override the config", async () => {
  const file = place.write("seeded.yaml", councilYaml(server.baseUrl, ["one"], "orchestrator: { seed: 7, timeout: 60, max_answers: 5 }\n"));
  const flags = ["--seed", "11", "--timeout", "2m", "--token-budget", "5000", "--max-answers", "1"];
  const plain = eventsOf(await massgen(["--config", file, "--json", "Why?"], { home }))[0];
  const flagged = eventsOf(await massgen(["--config", file, ...flags, "--json", "Why?"], { home }))[0];
  expect(plain).toMatchObject({ seed: 7, settings: { bounds: { runMs: 60_000, answersPerAgent: 5, runTokens: 200_000 } } });
  expect(flagged).toMatchObject({ seed: 11, settings: { bounds: { runMs: 120_000, answersPerAgent: 1, runTokens: 5_000 } } });
});

describe("the log", () => {
  test("is kept where standard error says, and massgen show shows it", async () => {
    const { stderr } = await quick("Why?");
    const [, path = "", run = ""] = /^Log: (.*) \(massgen show (.*)\)$/mu.exec(stderr) ?? [];
    expect(existsSync(path)).toBe(true);
    expect((await massgen(["show", run], { home })).stdout).toContain("The draft of two.");
  });

  test.each<[string, readonly string[], string]>([
    ["--no-logs", ["--no-logs"], ""],
    ["logging_enabled: false", [], "ui: { logging_enabled: no }\n"],
  ])("%s: no file is written at all", async (_name, flags, more) => {
    const other = join(place.folder, `quiet-${flags.length}`);
    const file = place.write(`quiet-${flags.length}.yaml`, councilYaml(server.baseUrl, ["one"], more));
    const ran = await massgen(["--config", file, ...flags, "Why?"], { home: other });
    expect(ran.code).toBe(0);
    expect(ran.stderr).not.toContain("Log: ");
    expect(existsSync(other)).toBe(false);
  });
});
