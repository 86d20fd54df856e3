import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolders } from "./home.ts";

describe("where things are kept", () => {
  it("follows XDG", () => {
    const environment = { XDG_DATA_HOME: "/d", XDG_CACHE_HOME: "/c", XDG_CONFIG_HOME: "/k" };
    expect(homeFolders(environment, "linux", "/home/ada")).toEqual({
      data: "/d/massgen",
      cache: "/c/massgen",
      config: "/k/massgen",
      log: "/d/massgen/runs.db",
      models: "/c/massgen/models",
      blobs: "/d/massgen/blobs",
      engines: "/d/massgen/engines",
      workspaces: "/d/massgen/workspaces",
      experience: "/d/massgen/experience.json",
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
      blobs: "/m/data/blobs",
      engines: "/m/data/engines",
      workspaces: "/m/data/workspaces",
      experience: "/m/data/experience.json",
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
