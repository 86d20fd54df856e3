import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "../src/core/facts.ts";
import { isAlive, thisProcess } from "../src/log/owner.ts";
import { openSqliteLog } from "../src/log/sqlite-log.ts";

type Writer = ChildProcessByStdio<null, Readable, Readable>;

const program = fileURLToPath(new URL("log-processes-writer.ts", import.meta.url));

let folder: string;
let file: string;
let writers: Writer[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-processes-"));
  file = join(folder, "runs.db");
  writers = [];
});
afterEach(async () => {
  for (const writer of writers) await end(writer, "SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(...parameters: readonly string[]): Writer {
  const writer = spawn(process.execPath, [program, ...parameters], { stdio: ["ignore", "pipe", "pipe"] });
  writers.push(writer);
  return writer;
}

async function end(writer: Writer, signal: NodeJS.Signals): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  const gone = once(writer, "exit");
  writer.kill(signal);
  await gone;
}

async function firstLine(writer: Writer): Promise<string> {
  const [output] = (await once(writer.stdout, "data")) as [Buffer];
  return output.toString().trim();
}

async function finished(writer: Writer): Promise<{ readonly code: number; readonly errors: string }> {
  let errors = "";
  writer.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const [code] = (await once(writer, "close")) as [number];
  return { code, errors };
}

/** Number, batch and part of each event behind the first, and whose it is. */
function parts(events: readonly RunEvent[]): readonly string[] {
  return events
    .slice(1)
    .map((event) => (event.type === "notice" ? `${event.seq} ${event.text.split(" ").slice(0, 2).join(" ")}` : event.type));
}

function expectedParts(runId: string, batches: number): readonly string[] {
  return Array.from({ length: batches * 3 }, (_, index) => `${index + 2} ${runId} ${Math.floor(index / 3) + 1}${"abc"[index % 3]}`);
}

describe("several processes with one log", () => {
  it("41: write different runs at once, into a file none of them found, while another reads", async () => {
    const runs = ["one", "two", "three"];
    const all = runs.map((runId) => finished(start("write", file, runId, "100")));
    const done = Promise.all(all);
    const log = openSqliteLog(file);
    let reads = 0;
    const look = setInterval(() => {
      for (const runId of runs) {
        const events = log.read(runId);
        expect((events.length - 1) % 3).toBe(events.length === 0 ? -1 : 0);
      }
      reads += 1;
    }, 5);
    for (const { code, errors } of await done) expect({ code, errors }).toEqual({ code: 0, errors: "" });
    clearInterval(look);
    expect(reads).toBeGreaterThan(1);
    for (const runId of runs) expect(parts(log.read(runId))).toEqual(expectedParts(runId, 100));
    expect(log.list().map(({ runId, events }) => [runId, events])).toEqual(expect.arrayContaining(runs.map((runId) => [runId, 301])));
    log.close();
  });

  it("35: one killed in the middle of writing leaves whole batches, and the next goes on behind them", async () => {
    const writer = start("write", file, "one", "1000000");
    expect(await firstLine(writer)).toBe("writing");
    await end(writer, "SIGKILL");
    const log = openSqliteLog(file);
    const events = log.read("one");
    expect(parts(events)).toEqual(expectedParts("one", (events.length - 1) / 3));
    const [next] = log.append("one", [{ fact: { type: "run-resumed" } }], 1);
    expect(next?.seq).toBe(events.length + 1);
    expect(log.list()).toMatchObject([{ runId: "one", events: events.length + 1 }]);
    log.close();
  });

  it.runIf(process.platform !== "win32")("one whose disk is full says so and leaves whole batches", async () => {
    const writer = spawn("sh", ["-c", 'ulimit -f 200; exec "$@"', "sh", process.execPath, program, "write", file, "one", "1000000"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    writers.push(writer);
    const { code, errors } = await finished(writer);
    expect(code).toBe(1);
    expect(errors).toContain(`MassgenError: Cannot use ${file}: the disk failed or is full.`);
    const log = openSqliteLog(file);
    const events = log.read("one");
    expect(parts(events)).toEqual(expectedParts("one", (events.length - 1) / 3));
    log.close();
  });

  it("37: two claim a run at once: one gets it, the other is told the pid; once it is dead the run is free", async () => {
    openSqliteLog(file).close();
    const [one, two] = [start("claim", file, "run"), start("claim", file, "run")];
    const said = await Promise.all([firstLine(one), firstLine(two)]);
    const winner = said[0] === "mine" ? one : two;
    expect(said.toSorted()).toEqual(["mine", `taken by ${winner.pid}`]);

    const log = openSqliteLog(file);
    expect(log.claim("run", thisProcess(), isAlive)?.pid).toBe(winner.pid);
    await end(winner, "SIGKILL");
    expect(log.claim("run", thisProcess(), isAlive)).toBeUndefined();
    log.close();
  });
});
