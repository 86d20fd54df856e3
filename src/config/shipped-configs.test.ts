import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findInCatalogue } from "../models/files/catalogue.ts";
import { familyNamed } from "../models/files/families.ts";
import { loadConfig } from "./load-config.ts";
import { findConfig } from "./find-config.ts";
import { presetNames } from "./shipped-configs.ts";

test("there is a preset for each usual machine", () => {
  expect(presetNames().toSorted((one, other) => one.localeCompare(other))).toEqual([
    "local-16gb",
    "local-24gb",
    "local-48gb",
    "local-8gb",
    "mixed",
    "offline",
  ]);
});

test("a name that is neither file nor preset gets the nearest preset, or all of them", () => {
  expect(() => findConfig("local-9gb")).toThrow(expect.objectContaining({ code: "config", hint: "Did you mean local-8gb?" }));
  expect(() => findConfig("everything")).toThrow(expect.objectContaining({ hint: expect.stringContaining("local-16gb") as string }));
  expect(() => findConfig("everything.yaml")).toThrow("There is no config file everything.yaml, and none of that name comes with massgen.");
});

test.each(presetNames())("%s loads without a warning, and its models are known by name", async (name) => {
  const { agents, warnings } = await loadConfig(findConfig(name).path, {});
  expect(warnings).toEqual([]);
  expect(agents.length).toBeGreaterThan(1);
  for (const { backend } of agents) {
    if (backend.type === "local") expect(familyNamed(backend.model ?? "")).toBeDefined();
    if (backend.type === "embedded") expect(findInCatalogue(backend.model ?? "")).toBeDefined();
  }
});

test.each(presetNames())("the agents of %s differ in what they are told", async (name) => {
  const { agents } = await loadConfig(findConfig(name).path, {});
  expect(new Set(agents.map(({ system_message: persona }) => persona)).size).toBe(agents.length);
});

test("a name means the preset, and so does a path to a file of its name that is not there, which is said", () => {
  expect(findConfig("local-8gb")).toMatchObject({ shipped: "local-8gb", path: expect.stringMatching(/presets.local-8gb\.yaml$/u) });
  expect(findConfig("local-8gb").notice).toMatch(/^The preset local-8gb: /u);
  for (const given of ["offline.yaml", "./offline.yaml", "some/where/offline.yml", "offline.json"]) {
    expect(findConfig(given)).toMatchObject({
      shipped: "offline",
      notice: expect.stringMatching(`^There is no file ${given}: the council offline that comes with massgen takes its place \\(`),
    });
  }
});

test("a file of a preset's name that is there goes first", () => {
  const folder = mkdtempSync(join(tmpdir(), "massgen-presets-"));
  const before = process.cwd();
  try {
    writeFileSync(join(folder, "mixed"), "");
    process.chdir(folder);
    expect(findConfig("mixed")).toEqual({ path: "mixed" });
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});
