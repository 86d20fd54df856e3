import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, eventsOf, isDraft, KEY, massgen, type Ran, start, workplace } from "./massgen.ts";

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

const ask = (...flags: readonly string[]): Promise<Ran> => massgen(["--config", config, ...flags, "Why is the sky blue?"], { home });

describe("levels", () => {
  test("-q: the answer and nothing else", async () => {
    expect(await ask("-q")).toMatchObject({ code: 0, stdout: "The final answer.\n", stderr: "" });
  });

  test("by default: the run's id first, who does what, answers, votes, how it ended", async () => {
    const { code, stdout, stderr } = await ask();
    expect([code, stdout]).toEqual([0, "The final answer.\n"]);
    const lines = stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^Run \d{8}-\d{6}-[0-9a-f]{6}$/u);
    for (const part of [
      "one is drafting",
      "two answered: ",
      '"The draft of two."',
      "two is right",
      " is wording the final answer",
      "Answer ",
    ]) {
      expect(stderr).toContain(part);
    }
    expect(stderr).toMatch(/two \(chatcompletion\/two\)/u);
    expect(stderr).toMatch(/\d tokens\/s/u);
    expect(stderr).toMatch(/by two won with \d of \d votes/u);
    expect(stderr).not.toContain("#1");
  });

  test("-v: each call with its timing, no prompts", async () => {
    const { stdout, stderr } = await ask("-v");
    expect(stdout).toBe("The final answer.\n");
    expect(stderr).toMatch(/\+\d+\.\d\ds one#1 is asked for a draft/u);
    expect(stderr).toMatch(/one#1 stop \(\d+\.\d s, .*\d+ tokens in.*, \d+ out/u);
    expect(stderr).toMatch(/is asked for a ballot \(JSON schema\)/u);
    expect(stderr).not.toContain("> user:");
  });

  test("-vv: prompts and replies", async () => {
    const { stdout, stderr } = await ask("-vv");
    expect(stdout).toBe("The final answer.\n");
    expect(stderr).toContain("> user: Why is the sky blue?");
    expect(stderr).toContain("< reply: The draft of two.");
  });

  test("--log-file: every event as a JSON line, whatever the level, for this user alone, appended", async () => {
    const file = join(place.folder, "events.jsonl");
    await ask("-q", "--log-file", file);
    await ask("-q", "--log-file", file);
    const lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ type }) => type === "run-started")).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ type: "run-ended", level: "info" });
    expect(lines.every(({ time, seq }) => typeof time === "string" && typeof seq === "number")).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("a log file that cannot be opened is told before anything is asked", async () => {
    const before = server.requests.length;
    const { code, stdout, stderr } = await ask("--log-file", "/no/such/folder/log.jsonl");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("massgen: The log file /no/such/folder/log.jsonl cannot be opened: its folder does not exist.");
    expect(server.requests).toHaveLength(before);
  });
});

describe("--json", () => {
  test("one event a line, run-started first, run-ended last", async () => {
    const ran = await ask("--json", "-q");
    const events = eventsOf(ran);
    expect(events[0]).toMatchObject({ type: "run-started", seq: 1, runId: expect.stringMatching(/^\d{8}-/u) as string });
    expect(events.at(-1)).toMatchObject({
      type: "run-ended",
      outcome: "consensus",
      answer: "The final answer.",
      winner: "two",
      degraded: null,
    });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
  });

  test("the last line is run-ended also when everybody fails", async () => {
    const refusing = await councilServer(() => ({ status: 401, body: { error: { message: "Incorrect API key" } } }));
    const file = place.write("refused.yaml", councilYaml(refusing.baseUrl, ["one", "two"]));
    const ran = await massgen(["--config", file, "--json", "Why?"], { home });
    await refusing.close();
    expect(ran.code).toBe(2);
    expect(eventsOf(ran).at(-1)).toMatchObject({ type: "run-ended", outcome: "failed", answer: null, degraded: { of: 2 } });
  });

  test("33. the last line is run-ended also when a person stops the run, exit 0 with an answer", async () => {
    let interrupt = (): void => undefined;
    const slow = await councilServer(async (request) => {
      if (!isDraft(request)) setImmediate(() => interrupt());
      return isDraft(request) ? undefined : { text: "too late", headersAfterMs: 10_000 };
    });
    const running = start(["--config", place.write("slow.yaml", councilYaml(slow.baseUrl)), "--json", "Why?"], { home });
    interrupt = running.interrupt;
    const ran = await running.result;
    await slow.close();
    expect(ran.code).toBe(0);
    expect(eventsOf(ran).at(-1)).toMatchObject({
      type: "run-ended",
      outcome: "stopped",
      answer: expect.stringContaining("The draft of") as string,
    });
  });

  test("trouble before the run leaves standard output empty", async () => {
    const ran = await massgen(["--config", "/no/such/council.yaml", "--json", "Why?"], { home });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain("/no/such/council.yaml");
  });
});

describe("colour and terminals", () => {
  const colored = "\u001B[";

  test("a terminal gets colour and a live line, and no control sequence of a model's", async () => {
    const rude = await councilServer((request) =>
      isDraft(request) ? { text: `Rude ${request.body.model}\u001B[2J\u001B]0;owned\u0007!` } : undefined,
    );
    const file = place.write("rude.yaml", councilYaml(rude.baseUrl));
    const { stdout, stderr } = await massgen(["--config", file, "--final-answer-strategy", "winner_reuse", "Why?"], {
      home,
      terminal: true,
    });
    const piped = await massgen(["--config", file, "--final-answer-strategy", "winner_reuse", "-q", "Why?"], { home });
    await rude.close();
    expect(stdout).toMatch(/^Rude \w+!\n$/u);
    expect(stderr).toContain(`${colored}1m`);
    expect(stderr).toContain("\r");
    expect(stderr).not.toContain("[2J");
    expect(stderr).not.toContain("owned");
    expect(piped.stdout).toContain("\u001B[2J");
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["NO_COLOR", [], { NO_COLOR: "1" }],
    ["--no-color", ["--no-color"], {}],
    ["TERM=dumb", [], { TERM: "dumb" }],
  ])("no colour with %s", async (_name, flags, environment) => {
    const { stderr } = await massgen(["--config", config, ...flags, "Why?"], { home, terminal: true, environment });
    expect(stderr).not.toContain(colored);
  });

  test("--no-display draws no line over", async () => {
    const { stderr } = await massgen(["--config", config, "--no-display", "Why?"], { home, terminal: true });
    expect(stderr).not.toContain("\r");
  });
});

describe("44. a key", () => {
  test("appears in no output and not in the log, even when the server repeats it", async () => {
    const leaking = await councilServer((request) => {
      if (request.body.model === "one") return { status: 401, body: { error: { message: `Incorrect API key provided: ${KEY}` } } };
      return isDraft(request) ? { text: `${request.body.model} says ${KEY}` } : undefined;
    });
    const file = place.write("leaking.yaml", councilYaml(leaking.baseUrl));
    const log = join(place.folder, "leak.jsonl");
    const ran = await massgen(["--config", file, "-vv", "--log-file", log, "Why?"], { home });
    const json = await massgen(["--config", file, "--json", "Why?"], { home });
    await leaking.close();
    expect(ran.code).toBe(0);
    expect(leaking.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    const written = [
      ran.stdout,
      ran.stderr,
      json.stdout,
      json.stderr,
      readFileSync(log, "utf8"),
      readFileSync(join(home, "data", "runs.db"), "latin1"),
    ];
    for (const text of written) expect(text).not.toContain(KEY);
  });
});
