import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { startFakeOllama } from "../../src/testing/index.ts";
import { councilServer, councilYaml, eventsOf, massgen, type Ran, start, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;
let config: string;

const lastOf = (messages: readonly { readonly content?: unknown }[]): string => String(messages.at(-1)?.content);

beforeAll(async () => {
  server = await councilServer(({ body }) => {
    if (body.model !== "one") return undefined;
    const said = lastOf(body.messages);
    return said.includes("fail") ? { status: 401, body: { error: { message: "Incorrect API key" } } } : { text: `You said: ${said}` };
  });
  config = place.write("one.yaml", councilYaml(server.baseUrl, ["one"]));
});
afterAll(async () => {
  await server.close();
  place.remove();
});

type Typed = NonNullable<Parameters<typeof massgen>[1]["typed"]>;
const chat = (typed: Typed, ...flags: readonly string[]): Promise<Ran> => massgen(["--config", config, ...flags], { home, typed });

/** What was asked since: of each call, what user and assistant said by turns. */
const askedSince = (from: number): readonly (readonly string[])[] =>
  server.requests
    .slice(from)
    .map(({ body }) => body.messages.filter(({ role }) => role !== "system").map(({ content }) => String(content)));

describe("no question at a terminal opens a chat", () => {
  test("that says who is here, answers, and ends with the input", async () => {
    const { code, stdout, stderr } = await chat(["Why?"]);
    expect([code, stdout]).toEqual([0, "You said: Why?\n"]);
    expect(stderr).toMatch(/^1 agent:\n {2}one: chatcompletion\/one\nMode: single agent\nLog: .*runs\.db\n/u);
    expect(stderr).toMatch(/Goodbye\.\n$/u);
  });

  test("UI-1, CLI-8, CLI-11: turns 2 to 5 answer and remember the turns before, once each", async () => {
    const before = server.requests.length;
    const { stdout } = await chat(["a", "b", "c", "d", "e"]);
    expect(stdout).toBe("You said: a\nYou said: b\nYou said: c\nYou said: d\nYou said: e\n");
    const asked = askedSince(before);
    expect(asked).toHaveLength(5);
    expect(asked[4]).toEqual(["a", "You said: a", "b", "You said: b", "c", "You said: c", "d", "You said: d", "e"]);
  });

  test("UI-1: a council of several remembers, too, and each turn is a run of its own", async () => {
    const ownHome = join(place.folder, "council");
    const council = place.write("three.yaml", councilYaml(server.baseUrl, ["two", "three"]));
    const ran = await massgen(["--config", council, "--json"], { home: ownHome, typed: ["a", "b", "c"] });
    const started = eventsOf(ran).flatMap((event) => (event.type === "run-started" ? [event] : []));
    expect(started.map(({ question, history }) => [question, history.map(({ text }) => text)])).toEqual([
      ["a", []],
      ["b", ["a", "The final answer."]],
      ["c", ["a", "The final answer.", "b", "The final answer."]],
    ]);
    expect((await massgen(["runs"], { home: ownHome })).stdout.match(/ {2}consensus {2}[abc]\n/gu)).toHaveLength(3);
  });

  test("UI-4: an answer is in the history as it was given", async () => {
    const before = server.requests.length;
    const hard = String.raw`**2**3** and C:\new\table, $\alpha\\$`;
    const { stdout } = await chat([hard, "b"]);
    expect(stdout).toContain(`You said: ${hard}\n`);
    expect(askedSince(before)[1]).toEqual([hard, `You said: ${hard}`, "b"]);
  });

  test("BE-4: the council is built once for all turns", async () => {
    const ollama = await startFakeOllama({ models: [{ id: "qwen3:4b" }] });
    const argv = ["--backend", "ollama", "--base-url", ollama.baseUrl, "--model", "qwen3:4b"];
    const looks = async (typed: Typed): Promise<number> => {
      const before = ollama.paths.length;
      await massgen(argv, { home, typed });
      return ollama.paths.slice(before).filter((path) => path === "GET /api/tags").length;
    };
    await looks(["the model is loaded by the first call"]);
    expect([await looks(["a"]), await looks(["a", "b", "c"])]).toEqual([1, 1]);
    await ollama.close();
  });

  test("of a long conversation the oldest is left out, and told", async () => {
    const small = await councilServer();
    const seat = `{ type: chatcompletion, model: two, base_url: "${small.baseUrl}", context_length: 2048 }`;
    const file = place.write("small.yaml", `agents: [{ id: two, backend: ${seat} }]\n`);
    const { code, stdout, stderr } = await massgen(["--config", file], { home, typed: ["a", "b", "c", "d"].map((x) => x.repeat(3_000)) });
    const last = JSON.stringify(small.requests.at(-1)?.body.messages);
    await small.close();
    expect([code, stdout]).toEqual([0, "The draft of two.\n".repeat(4)]);
    expect(stderr).toContain("left out");
    expect([last.includes("ddd"), last.includes("aaa")]).toEqual([true, false]);
  });

  test("begins with a history where one is given", async () => {
    const before = server.requests.length;
    const file = place.write("turns.jsonl", '{"question": "Hello", "answer": "Hi"}\n');
    const { stderr } = await chat(["And now?"], "--history", file);
    expect(askedSince(before)[0]).toEqual(["Hello", "Hi", "And now?"]);
    expect(stderr).toContain("Goes on after 1 exchange.");
  });

  test("goes on where an earlier one ended, by its last run; so does a single question", async () => {
    const ownHome = join(place.folder, "goes-on");
    const on = (argv: readonly string[], typed?: Typed) =>
      massgen(["--config", config, ...argv], { home: ownHome, ...(typed && { typed }) });
    const image = place.write("notes.txt", "Notes of the first turn.");
    await on([], [`/file ${image}`, "a", "b"]);
    const before = server.requests.length;
    const { stderr } = await on(["--history", "last"], ["c"]);
    expect(stderr).toContain("Goes on after 2 exchanges.");
    const [, run = ""] = /^Run (\S+)$/mu.exec(stderr) ?? [];
    expect((await on(["--history", run, "--no-logs", "d"])).code).toBe(0);
    const [third = [], fourth = []] = askedSince(before);
    expect(third.slice(1)).toEqual([expect.stringContaining("You said: ") as string, "b", "You said: b", "c"]);
    expect(fourth.slice(1)).toEqual([...third.slice(1), "You said: c", "d"]);
    for (const [first] of [third, fourth]) expect(first).toContain("Notes of the first turn.");
  });

  test.each([
    ["last", "There are no runs yet."],
    ["20200101-000000", "There are no runs yet."],
    ["no-such-file.json", "no-such-file.json"],
  ])("--history %s that is not there is told", async (history, sentence) => {
    const ran = await massgen(["--config", config, "--history", history, "a"], { home: join(place.folder, "empty") });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(sentence);
  });

  test("a run without an answer is nothing to go on from", async () => {
    const ownHome = join(place.folder, "failed");
    await massgen(["--config", config, "fail"], { home: ownHome });
    const ran = await massgen(["--config", config, "--history", "last", "a"], { home: ownHome });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/Run \S+ has no answer to go on from\./u);
  });

  test("a council that cannot be built ends it before it begins", async () => {
    const ran = await massgen(["--config", "/no/such.yaml"], { home, typed: ["a"] });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
  });

  test("massgen chat says so explicitly, also where lines come from a pipe", async () => {
    expect((await massgen(["chat", "--config", config], { home, typed: ["a"] })).stdout).toBe("You said: a\n");
    expect((await massgen(["chat", "--config", config, "-q"], { home, typed: ["a", "b"] })).stderr).toBe("> a\n> b\n");
  });

  test("a dry run shows who would be asked and asks nobody", async () => {
    const before = server.requests.length;
    const { code, stdout } = await chat(["a"], "--dry-run");
    expect([code, server.requests.length]).toEqual([0, before]);
    expect(stdout).toContain("chatcompletion/one");
  });
});

describe("commands", () => {
  test.each(["/reset", "/CLEAR", "reset", "Clear"])("%s forgets", async (command) => {
    const before = server.requests.length;
    const { stderr } = await chat(["a", command, "b"]);
    expect(askedSince(before)).toEqual([["a"], ["b"]]);
    expect(stderr).toContain("The conversation so far is forgotten.");
  });

  test.each(["/quit", "/exit", "/q", "quit", "EXIT", "q", "  "])("%j", async (command) => {
    const { code, stdout, stderr } = await chat([command, "a"]);
    expect(code).toBe(0);
    expect(stdout).toBe(command.trim() === "" ? "You said: a\n" : "");
    if (command.trim() === "") expect(stderr).toContain("Ask something, or /help.");
  });

  test("/status counts agents and exchanges, at every level", async () => {
    const { stderr } = await chat(["a", "/status"], "-q");
    expect(stderr).toContain("1 agent:\n  one: chatcompletion/one\nMode: single agent\n");
    expect(stderr).toContain("Exchanges: 1\n");
  });

  test("/status says where it is kept, if it is", async () => {
    const { stderr } = await chat(["a", "/status"], "--no-logs", "--no-display");
    expect(stderr.match(/Nothing is kept on disk\./gu)).toHaveLength(2);
    expect(stderr).not.toContain("Log: ");
  });

  test("/help lists all of them; what is none names the nearest, as it was typed", async () => {
    const { stderr } = await chat(["/H", "/Satus", "/help me"]);
    for (const name of ["/status ", "/reset, /clear ", "/quit, /exit, /q ", "/help, /h ", "/image PATH", "/file PATH"])
      expect(stderr).toContain(name);
    expect(stderr).toContain('There is no command "/Satus". Did you mean "/status"?');
    expect(stderr).toContain('There is no command "/help me". Did you mean "/help"?');
  });

  test.each([" /etc/hosts: what is it?", " quit", "quit smoking?"])("%j is a question", async (line) => {
    expect((await chat([line])).stdout).toBe(`You said: ${line.trim()}\n`);
  });
});

describe("what goes wrong in a turn ends the turn alone", () => {
  test("a turn without an answer is told and not remembered; its code is not the chat's", async () => {
    const before = server.requests.length;
    const { code, stdout, stderr } = await chat(["a", "fail", "b"]);
    expect([code, stdout]).toEqual([0, "You said: a\nYou said: b\n"]);
    expect(stderr).toContain("No agent gave an answer: one: ");
    expect(askedSince(before).at(-1)).toEqual(["a", "You said: a", "b"]);
  });

  test("5 with --strict once an agent was lost", async () => {
    const both = place.write("both.yaml", councilYaml(server.baseUrl, ["one", "two"]));
    const ran = (flags: readonly string[]) => massgen(["--config", both, ...flags], { home, typed: ["fail", "/quit"] });
    expect([(await ran(["--strict"])).code, (await ran([])).code]).toEqual([5, 0]);
  });

  test("Ctrl-C stops the run and stays; twice at the prompt leaves", async () => {
    let interrupt = (): void => undefined;
    const slow = await councilServer(({ body }) => {
      if (lastOf(body.messages) !== "slow") return undefined;
      setImmediate(() => interrupt());
      return { headersAfterMs: 5_000 };
    });
    const typed: Typed = ["slow", { type: "interrupt" }, "next", { type: "interrupt" }, { type: "interrupt" }, "never"];
    const running = start(["--config", place.write("slow.yaml", councilYaml(slow.baseUrl, ["two"]))], { home, typed });
    interrupt = running.interrupt;
    const { code, stdout, stderr } = await running.result;
    await slow.close();
    expect([code, stdout]).toEqual([0, "The draft of two.\n"]);
    expect(stderr).toContain("The run was stopped before anybody had answered");
    expect(stderr.match(/Ctrl-C once more leaves\./gu)).toHaveLength(2);
  });

  test("a question that was typed during the run is shown when it is asked", async () => {
    const { stderr, stdout } = await chat([{ type: "line", text: "early", unseen: true }]);
    expect(stderr).toContain("> early\n");
    expect(stdout).toBe("You said: early\n");
  });
});
