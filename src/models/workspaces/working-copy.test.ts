import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FolderLimits } from "./project-files.ts";
import { createWorkingCopy } from "./working-copy.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "massgen-copies-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const project = (): string => join(root, "project");
const inProject = (path: string): string => join(project(), path);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copyOf(name: string, limits?: FolderLimits) {
  return createWorkingCopy({ project: project(), place: join(root, "copies", name), ...(limits && { limits }) });
}

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: project(), encoding: "utf8" });
}

describe("a copy", () => {
  test("of a folder that is not there is empty, and the folder is made", async () => {
    expect(existsSync(await copyOf("a").open())).toBe(true);
    expect(existsSync(project())).toBe(true);
  });

  test("is each agent's own: what one writes, neither the project nor another sees (BE-12 e)", async () => {
    write(inProject("a.txt"), "one");
    const [mine, other] = [await copyOf("mine").open(), await copyOf("other").open()];
    write(join(mine, "a.txt"), "two");
    expect(readFileSync(inProject("a.txt"), "utf8")).toBe("one");
    expect(readFileSync(join(other, "a.txt"), "utf8")).toBe("one");
  });

  test("is found again by a run that is resumed, with what was done in it; a half-made one is made anew", async () => {
    write(inProject("a.txt"), "one");
    const first = await copyOf("a").open();
    write(join(first, "new.txt"), "kept");
    expect(readFileSync(join(await copyOf("a").open(), "new.txt"), "utf8")).toBe("kept");
    rmSync(join(root, "copies", "a", "taken.json"));
    expect(existsSync(join(await copyOf("a").open(), "new.txt"))).toBe(false);
  });

  test("leaves packages out, keeps links as links and programs as programs", async () => {
    write(inProject("node_modules/x/index.js"), "");
    write(inProject("run.sh"), "#!/bin/sh\n");
    chmodSync(inProject("run.sh"), 0o755);
    symlinkSync("run.sh", inProject("link"));
    const files = await copyOf("a").open();
    expect(existsSync(join(files, "node_modules"))).toBe(false);
    expect(readlinkSync(join(files, "link"))).toBe("run.sh");
    expect(statSync(join(files, "run.sh")).mode & 0o111).not.toBe(0);
  });

  test("of too much is refused in one sentence, and may be tried again", async () => {
    write(inProject("a/1"), "12345");
    write(inProject("a/2"), "12345");
    await expect(copyOf("a", { files: 1, bytes: 100 }).open()).rejects.toThrow("holds more than 1 files");
    await expect(copyOf("a", { files: 9, bytes: 9 }).open()).rejects.toThrow("too large for each agent");
    expect(existsSync(await copyOf("a", { files: 9, bytes: 10 }).open())).toBe(true);
  });
});

describe("a repository", () => {
  beforeEach(() => {
    mkdirSync(project());
    git("init", "--quiet");
    write(inProject(".gitignore"), "build/\n*.key\n");
    write(inProject("a.txt"), "committed");
    git("add", ".");
    git("commit", "--quiet", "-m", "First");
  });

  test("is copied with what is not committed yet, with its history, and without what it ignores", async () => {
    write(inProject("a.txt"), "changed");
    write(inProject("new.txt"), "untracked");
    write(inProject("build/out"), "big");
    write(inProject("my.key"), "secret");
    const files = await copyOf("a").open();
    expect(readFileSync(join(files, "a.txt"), "utf8")).toBe("changed");
    expect(existsSync(join(files, "new.txt"))).toBe(true);
    expect(existsSync(join(files, "build"))).toBe(false);
    expect(existsSync(join(files, "my.key"))).toBe(false);
    const inCopy = (...args: readonly string[]): string => execFileSync("git", [...args], { cwd: files, encoding: "utf8" });
    expect(inCopy("log", "--format=%s")).toBe("First\n");
    expect(inCopy("status", "--short")).toBe(" M a.txt\n?? new.txt\n");
    expect(inCopy("remote")).toBe("");
  });

  test("gets back files only: no commit, nothing that it ignores, nothing that git would run", async () => {
    const copy = copyOf("a");
    const files = await copy.open();
    write(join(files, "a.txt"), "better");
    write(join(files, "build/out"), "made");
    const inCopy = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: files });
    inCopy("commit", "--quiet", "-am", "Mine");
    inCopy("config", "core.fsmonitor", `touch ${join(root, "ran")}`);
    expect(await copy.bringBack()).toEqual({ written: ["a.txt"], deleted: [], kept: [] });
    expect(readFileSync(inProject("a.txt"), "utf8")).toBe("better");
    expect(existsSync(inProject("build"))).toBe(false);
    expect(git("log", "--format=%s")).toBe("First\n");
    expect(existsSync(join(root, "ran"))).toBe(false);
  });

  test("that git cannot read is copied as a folder", async () => {
    rmSync(inProject(".git"), { recursive: true });
    write(inProject(".git"), "gitdir: /nowhere");
    const files = await copyOf("a").open();
    expect(existsSync(join(files, "a.txt"))).toBe(true);
    expect(existsSync(join(files, ".git"))).toBe(false);
  });
});

describe("bringing back", () => {
  test("writes what was changed and made, deletes what was deleted, and takes the copy away", async () => {
    write(inProject("a.txt"), "one");
    write(inProject("sub/old.txt"), "old");
    write(inProject("becomes"), "a file");
    const copy = copyOf("a");
    const files = await copy.open();
    expect(await copy.isChanged()).toBe(false);
    write(join(files, "a.txt"), "two");
    write(join(files, "deep/new.txt"), "new");
    rmSync(join(files, "sub"), { recursive: true });
    rmSync(join(files, "becomes"));
    write(join(files, "becomes/a-folder"), "now");
    expect(await copy.isChanged()).toBe(true);
    expect(await copy.bringBack()).toEqual({
      written: ["a.txt", "becomes/a-folder", "deep/new.txt"],
      deleted: ["becomes", "sub/old.txt"],
      kept: [],
    });
    expect(readFileSync(inProject("a.txt"), "utf8")).toBe("two");
    expect(existsSync(inProject("sub"))).toBe(false);
    expect(readFileSync(inProject("becomes/a-folder"), "utf8")).toBe("now");
    expect(existsSync(files)).toBe(false);
  });

  test("loses nothing of the user's: what has changed meanwhile stays, and the copy with it", async () => {
    for (const name of ["both", "edited-and-deleted", "same"]) write(inProject(name), "one");
    const copy = copyOf("a");
    const files = await copy.open();
    write(join(files, "both"), "agent's");
    rmSync(join(files, "edited-and-deleted"));
    write(join(files, "made-by-both"), "agent's");
    write(join(files, "same"), "equal");
    write(inProject("both"), "user's");
    write(inProject("edited-and-deleted"), "user's");
    write(inProject("made-by-both"), "user's");
    write(inProject("same"), "equal");
    expect(await copy.bringBack()).toEqual({ written: [], deleted: [], kept: ["edited-and-deleted", "both", "made-by-both"] });
    for (const name of ["both", "edited-and-deleted", "made-by-both"]) expect(readFileSync(inProject(name), "utf8")).toBe("user's");
    expect(readFileSync(join(files, "both"), "utf8")).toBe("agent's");
  });

  test("writes through no link that leads elsewhere", async () => {
    mkdirSync(join(root, "elsewhere"));
    const copy = copyOf("a");
    write(join(await copy.open(), "sub/x"), "agent's");
    symlinkSync(join(root, "elsewhere"), inProject("sub"));
    expect((await copy.bringBack()).kept).toEqual(["sub/x"]);
    expect(existsSync(join(root, "elsewhere", "x"))).toBe(false);
  });

  test("nor deletes through one", async () => {
    write(inProject("sub/x"), "same");
    const copy = copyOf("a");
    rmSync(join(await copy.open(), "sub/x"));
    renameSync(inProject("sub"), join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), inProject("sub"));
    expect(await copy.bringBack()).toEqual({ written: [], deleted: [], kept: ["sub/x"] });
    expect(readFileSync(join(root, "elsewhere", "x"), "utf8")).toBe("same");
  });

  test("of a copy that was never made does nothing", async () => {
    expect(await copyOf("a").bringBack()).toEqual({ written: [], deleted: [], kept: [] });
    expect(await copyOf("a").isChanged()).toBe(false);
  });
});
