import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { isAlive, lookWithPs, parseProcStat, thisProcess } from "./owner.ts";

const onPosix = process.platform !== "win32";

describe("an owner", () => {
  it("is this process while it runs", () => {
    const self = thisProcess();
    expect(self.pid).toBe(process.pid);
    expect(self.started).not.toBe("");
    expect(isAlive(self)).toBe(true);
    expect(thisProcess()).toEqual(self);
  });

  it("is not another process with the same id", () => {
    expect(isAlive({ pid: process.pid, started: `${thisProcess().started}1` })).toBe(false);
  });

  it("of whom only the id is known counts as alive while the id is in use", () => {
    expect(isAlive({ pid: process.pid, started: "" })).toBe(true);
  });

  it.runIf(onPosix)("may be another user's process", () => {
    expect(isAlive({ pid: 1, started: "" })).toBe(true);
  });

  it("that ended is dead", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    expect(isAlive({ pid, started: "" })).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])("with the impossible id %d is dead", (pid) => {
    expect(isAlive({ pid, started: "" })).toBe(false);
  });

  it.runIf(onPosix)("that nobody has buried yet is dead", async () => {
    // `tail` shows the file once it has taken the place of the shell; it knows of no child and so buries none.
    const script = 'cat <&3 & echo $!; exec tail -f "$0"';
    const parent = spawn("sh", ["-c", script, import.meta.filename], { stdio: ["ignore", "pipe", "ignore", "pipe"] });
    let output = "";
    while (!/^\d+\n./.test(output)) output += String((await once(parent.stdout as Readable, "data"))[0]);
    const pid = Number.parseInt(output);
    expect(isAlive({ pid, started: "" })).toBe(true);
    (parent.stdio[3] as Writable).end();
    await expect.poll(() => isAlive({ pid, started: "" })).toBe(false);
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill();
  });
});

describe("what the system tells", () => {
  const rest = "1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0";

  it.each([
    ["a plain name", `12 (node) S ${rest}`, { type: "running", started: "boot:98765" }],
    ["spaces and parentheses in the name", `12 (a) Z (b c) R ${rest}`, { type: "running", started: "boot:98765" }],
    ["a zombie", `12 (node) Z ${rest}`, { type: "gone" }],
    ["a process just ending", `12 (node) X ${rest}`, { type: "gone" }],
    ["something else", "nonsense", { type: "unknown" }],
    ["a line that is too short", "12 (node) S 1 2 3", { type: "unknown" }],
  ])("/proc: %s", (_, stat, expected) => {
    expect(parseProcStat(stat, "boot\n")).toEqual(expected);
  });

  it.runIf(onPosix)("ps: this process, the same each time; nothing of one that is not there", () => {
    const seen = lookWithPs(process.pid);
    expect(seen).toMatchObject({ type: "running", started: expect.stringMatching(/ \d\d:\d\d:\d\d \d{4}$/) as string });
    expect(lookWithPs(process.pid)).toEqual(seen);
    expect(lookWithPs(2 ** 30)).toEqual({ type: "unknown" });
  });
});
