import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunCommand } from "../../files/run-command.ts";
import { installEmbedded, type InstallOptions, type Machine } from "./install-engine.ts";

const never = new AbortController().signal;
const linux: Machine = { platform: "linux", arch: "x64", musl: false };

let enginesDir: string;
let announced: string[];
beforeEach(() => {
  enginesDir = mkdtempSync(join(tmpdir(), "massgen-engines-"));
  announced = [];
});
afterEach(() => rmSync(enginesDir, { recursive: true }));

/** An npm that makes the folders of all packages it is asked for. */
const npm: RunCommand = async (command) => {
  const folder = String(command[command.indexOf("--prefix") + 1]);
  for (const spec of command.filter((argument) => argument.includes("@3."))) {
    const place = join(folder, "node_modules", spec.slice(0, spec.lastIndexOf("@")));
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), "{}");
  }
  return { exitCode: 0, complaint: "" };
};

const failing =
  (complaint: string): RunCommand =>
  async () => ({ exitCode: 1, complaint });

const install = (more: Partial<InstallOptions>): Promise<string> =>
  installEmbedded({ enginesDir, announce: (line) => announced.push(line), machine: linux, run: npm, ...more }, never);

describe("installing the embedded engine", () => {
  it("says how big it is, and brings the engine and one build without running scripts", async () => {
    const commands: (readonly string[])[] = [];
    const run: RunCommand = async (command, signal) => {
      commands.push(command);
      return npm(command, signal);
    };
    expect(await install({ run })).toBe(join(enginesDir, "embedded"));
    expect(announced[0]).toContain("about 85 MB");
    expect(commands[0]).toEqual(expect.arrayContaining(["--ignore-scripts", "--omit=optional", "node-llama-cpp@3.22.1"]));
    expect(commands[0]?.filter((argument) => argument.startsWith("@node-llama-cpp/"))).toEqual(["@node-llama-cpp/linux-x64@3.22.1"]);
    expect(readdirSync(enginesDir)).toEqual(["embedded"]);
  });

  it("takes the place of an older one", async () => {
    mkdirSync(join(enginesDir, "embedded", "old"), { recursive: true });
    await install({});
    expect(readdirSync(enginesDir)).toEqual(["embedded"]);
    expect(readdirSync(join(enginesDir, "embedded"))).not.toContain("old");
  });

  it.each([
    ["darwin", "arm64", undefined, ["mac-arm64-metal"]],
    ["linux", "x64", "vulkan", ["linux-x64", "linux-x64-vulkan"]],
    ["win32", "x64", "cuda", ["win-x64", "win-x64-cuda", "win-x64-cuda-ext"]],
  ] as const)("brings for %s on %s with %s what it needs", async (platform, arch, gpu, builds) => {
    await install({ machine: { platform, arch, musl: false }, ...(gpu === undefined ? {} : { gpu }) });
    expect(readdirSync(join(enginesDir, "embedded", "node_modules", "@node-llama-cpp"))).toEqual(builds);
  });

  it.each([
    [{ platform: "freebsd", arch: "x64", musl: false }, undefined, "freebsd on x64"],
    [{ platform: "linux", arch: "x64", musl: true }, undefined, "Linux without glibc"],
    [{ platform: "darwin", arch: "arm64", musl: false }, "cuda", "cuda on darwin arm64"],
  ] as const)("refuses %o with %s before it downloads anything", async (machine, gpu, what) => {
    const wanted = install({ machine, ...(gpu === undefined ? {} : { gpu }) });
    await expect(wanted).rejects.toMatchObject({ code: "engine-missing", message: expect.stringContaining(what) });
    expect(announced).toEqual([]);
  });

  it.each([
    ["npm error code ENOTFOUND\nnpm error network request to https://registry.example failed", "network", "cannot reach its registry"],
    ["npm error code ENOSPC\nnpm error nospc no space left", "disk", "The disk is full"],
    ["npm error code ETARGET\nnpm error notarget No matching version", "engine-missing", "notarget No matching version"],
  ])("explains %j and leaves nothing half done", async (complaint, code, message) => {
    await expect(install({ run: failing(complaint) })).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(readdirSync(enginesDir)).toEqual([]);
  });

  it("keeps the older one when the new one fails", async () => {
    mkdirSync(join(enginesDir, "embedded", "old"), { recursive: true });
    await expect(install({ run: failing("npm error boom") })).rejects.toMatchObject({ code: "engine-missing" });
    expect(readdirSync(join(enginesDir, "embedded"))).toEqual(["old"]);
  });

  it("says that there is no place for it", async () => {
    const file = join(enginesDir, "file");
    writeFileSync(file, "");
    await expect(install({ enginesDir: join(file, "engines") })).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining(file),
    });
  });

  it("does not take an npm at its word", async () => {
    await expect(install({ run: async () => ({ exitCode: 0, complaint: "" }) })).rejects.toThrow("npm did not bring node-llama-cpp@3.22.1");
  });

  it("says when there is no npm", async () => {
    const run: RunCommand = async () => {
      throw Object.assign(new Error("spawn npm ENOENT"), { code: "ENOENT" });
    };
    await expect(install({ run })).rejects.toThrow("npm is needed");
  });
});
