import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { councilServer, councilYaml, eventsOf, isDraft, massgen, type Ran, workplace } from "./massgen.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const place = workplace();
afterAll(() => place.remove());

interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** The command as a process of its own; its standard input is a pipe that stays open unless it is said to be closed. */
function spawned(argv: readonly string[], home: string, stdin: "pipe" | "ignore" = "ignore"): Spawned {
  const child = spawn(process.execPath, [main, ...argv], {
    stdio: [stdin, "pipe", "pipe"],
    env: { PATH: process.env["PATH"], MASSGEN_HOME: home },
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  return { child, ended: once(child, "close").then(([code]) => ({ code: (code as number | null) ?? -1, ...texts })) };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe("the process", { timeout: 20_000 }, () => {
  test("in a folder that is gone it says so", async () => {
    const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" "$1" runs';
    const child = spawn("sh", ["-c", script, process.execPath, main], { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(stderr).toBe("massgen: The current folder is not there any more.\n  Go to one that is: cd ~\n");
    expect(code).toBe(1);
  });

  test("version and help need nothing else", async () => {
    const home = join(place.folder, "untouched");
    const [version, help] = await Promise.all([spawned(["--version"], home).ended, spawned(["--help"], home).ended]);
    expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u) as string, stderr: "" });
    expect(help).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("massgen resume RUN") as string });
  });

  test("37. killed at any moment: refused while it lives, resumed when it is dead, paid once, and its end costs nothing", async () => {
    const home = join(place.folder, "resumed");
    const asked = gate();
    let isDead = false;
    const server = await councilServer(({ body }) => {
      if (body.model !== "two" || isDead) return undefined;
      setTimeout(asked.open, 300);
      return { headersAfterMs: 20_000 };
    });
    const config = place.write("resumed.yaml", councilYaml(server.baseUrl));
    const { child, ended } = spawned(["--config", config, "Why?"], home);
    await asked.opened;

    const refused = await massgen(["resume", "last"], { home });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(new RegExp(`is being run by process ${child.pid}\\.`, "u"));
    expect((await massgen(["runs"], { home })).stdout).toMatch(/ {2}running {2}Why\?\n$/u);

    child.kill("SIGKILL");
    await ended;
    isDead = true;
    expect((await massgen(["runs"], { home })).stdout).toMatch(/ {2}interrupted {2}Why\?\n$/u);

    const resumed = await massgen(["resume", "last"], { home });
    expect([resumed.code, resumed.stdout]).toEqual([0, "The final answer.\n"]);
    const drafts = server.requests.filter(isDraft).map(({ body }) => body.model);
    expect(drafts.filter((model) => model === "two")).toHaveLength(2);
    expect(drafts).toHaveLength(4);

    const paid = server.requests.length;
    await server.close();
    const again = await massgen(["resume", "last"], { home });
    expect([again.code, again.stdout]).toEqual([0, "The final answer.\n"]);
    expect(again.stderr).toContain("by two won");
    const json = eventsOf(await massgen(["resume", "last", "--json"], { home }));
    expect([json[0]?.type, json.at(-1)?.type]).toEqual(["run-started", "run-ended"]);
    expect(server.requests).toHaveLength(paid);
    const shown = await massgen(["show", "last"], { home });
    expect(shown.stdout).toContain("## Result\n\nThe final answer.");
    expect(eventsOf(await massgen(["show", "last", "--json"], { home }))).toEqual(json);
    expect(JSON.parse((await massgen(["runs", "--json"], { home })).stdout)).toMatchObject({ question: "Why?", status: "consensus" });
  });

  test("a signal ends the run", async () => {
    const asked = gate();
    const server = await councilServer(() => {
      asked.open();
      return { headersAfterMs: 20_000 };
    });
    const { child, ended } = spawned(
      ["--config", place.write("signal.yaml", councilYaml(server.baseUrl)), "Why?"],
      join(place.folder, "signal"),
    );
    await asked.opened;
    child.kill("SIGTERM");
    const ran = await ended;
    await server.close();
    expect([ran.code, ran.stdout]).toEqual([4, ""]);
    expect(ran.stderr).toContain("Interrupt once more");
  });

  test("a reader that goes away is no error: the run goes on to its end", async () => {
    const home = join(place.folder, "reader");
    const server = await councilServer();
    const { child, ended } = spawned(["--config", place.write("reader.yaml", councilYaml(server.baseUrl)), "--json", "Why?"], home);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const ran = await ended;
    await server.close();
    expect(ran.code).toBe(0);
    expect((await massgen(["runs"], { home })).stdout).toContain("consensus");
  });

  test("47. an input that stays open and silent is not waited for", async () => {
    const server = await councilServer();
    const config = place.write("open.yaml", councilYaml(server.baseUrl, ["one"]));
    const [asked, unasked, chat] = await Promise.all([
      spawned(["--config", config, "Why?"], join(place.folder, "open"), "pipe").ended,
      spawned([], join(place.folder, "open"), "pipe").ended,
      spawned(["chat", "--config", config], join(place.folder, "open"), "pipe").ended,
    ]);
    await server.close();
    expect([asked.code, asked.stdout]).toEqual([0, "The draft of one.\n"]);
    expect(asked.stderr).toContain("Standard input is open but gave nothing for 1.0 s: going on without it.");
    expect([unasked.code, unasked.stdout]).toEqual([64, ""]);
    expect([chat.code, chat.stdout]).toEqual([64, ""]);
  });

  test("massgen chat takes lines from a pipe, each a turn, and ends with them", async () => {
    const server = await councilServer();
    const config = place.write("piped.yaml", councilYaml(server.baseUrl, ["one"]));
    const { child, ended } = spawned(["chat", "--config", config], join(place.folder, "piped"), "pipe");
    child.stdin?.end("a\n/status\nb");
    const ran = await ended;
    await server.close();
    expect([ran.code, ran.stdout]).toEqual([0, "The draft of one.\nThe draft of one.\n"]);
    expect(ran.stderr).toMatch(/> a\n[^]*> \/status\n[^]*Exchanges: 1\n> b\n/u);
    expect(server.requests.at(-1)?.body.messages.map(({ content }) => content)).toContain("a");
  });
});
