import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePrivate, homeFolders } from "./home.ts";

describe("where things are kept", () => {
  it("follows XDG", () => {
    const environment = { XDG_DATA_HOME: "/d", XDG_CACHE_HOME: "/c", XDG_CONFIG_HOME: "/k" };
    expect(homeFolders(environment, "linux", "/home/ada")).toEqual({
      data: "/d/massgen",
      cache: "/c/massgen",
      config: "/k/massgen",
      log: "/d/massgen/runs.db",
      models: "/c/massgen/models",
      engines: "/d/massgen/engines",
    });
  });

  it.each([
    ["nothing set", {}],
    ["empty variables", { XDG_DATA_HOME: "", XDG_CACHE_HOME: "", MASSGEN_HOME: "" }],
    ["relative paths, which XDG rules out", { XDG_DATA_HOME: "data", XDG_CACHE_HOME: "./cache", XDG_CONFIG_HOME: "~/x" }],
  ])("has defaults: %s", (_, environment) => {
    for (const platform of ["linux", "darwin"] as const) {
      expect(homeFolders(environment, platform, "/home/ada")).toMatchObject({
        data: "/home/ada/.local/share/massgen",
        cache: "/home/ada/.cache/massgen",
        config: "/home/ada/.config/massgen",
      });
    }
  });

  it("is one folder under MASSGEN_HOME", () => {
    expect(homeFolders({ MASSGEN_HOME: "/m", XDG_DATA_HOME: "/d" }, "linux", "/home/ada")).toEqual({
      data: "/m/data",
      cache: "/m/cache",
      config: "/m/config",
      log: "/m/data/runs.db",
      models: "/m/cache/models",
      engines: "/m/data/engines",
    });
    expect(homeFolders({ MASSGEN_HOME: "here" }, "linux", "/home/ada").data).toBe(join(process.cwd(), "here", "data"));
  });

  it("follows Windows", () => {
    expect(homeFolders({ LOCALAPPDATA: String.raw`D:\Local` }, "win32", String.raw`C:\Users\ada`)).toMatchObject({
      data: String.raw`D:\Local\massgen\data`,
      config: String.raw`C:\Users\ada\AppData\Roaming\massgen`,
      log: String.raw`D:\Local\massgen\data\runs.db`,
    });
  });
});

describe("a private folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "massgen-home-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const mode = (path: string): number => statSync(path).mode & 0o777;

  it("is made with those above it", () => {
    ensurePrivate(join(folder, "a", "b"));
    expect([mode(join(folder, "a")), mode(join(folder, "a", "b"))]).toEqual([0o700, 0o700]);
  });

  it("is tightened where it was loose, and else left alone", () => {
    const [loose, tight] = [join(folder, "loose"), join(folder, "tight")];
    mkdirSync(loose);
    chmodSync(loose, 0o755);
    mkdirSync(tight);
    chmodSync(tight, 0o500);
    ensurePrivate(loose);
    ensurePrivate(tight);
    expect([mode(loose), mode(tight)]).toEqual([0o700, 0o500]);
  });

  it.skipIf(!existsSync("/proc/self"))("cannot be where the system takes no folders (Linux only)", () => {
    expect(() => {
      ensurePrivate("/proc/massgen/data");
    }).toThrow(expect.objectContaining({ code: "disk", message: "Cannot use /proc/massgen/data: it cannot be made there." }));
  });

  it("cannot be where a file stands", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      expect(() => {
        ensurePrivate(path);
      }).toThrow(expect.objectContaining({ code: "disk", message: expect.stringContaining(path) as string }));
    }
  });
});
