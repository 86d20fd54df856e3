import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { flags } from "../src/cli/flags.ts";
import { helpText } from "../src/cli/help.ts";
import { readConfig } from "../src/config/load-config.ts";
import { backendSchema, orchestratorSchema } from "../src/config/schema.ts";
import { pageWith, triedModels } from "../scripts/tried-models.ts";
import * as kit from "../src/testing/index.ts";

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const pages = [
  "README.md",
  "AGENTS.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("../docs", import.meta.url))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const blocks = (language: string): readonly (readonly [string, string])[] =>
  pages.flatMap((page) =>
    [...read(page).matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gsu"))].map((match) => [page, match[1] ?? ""] as const),
  );

it.each(blocks("yaml"))("the configuration in %s loads without a warning", (page, text) => {
  expect(readConfig(`${page}.yaml`, text, {}).warnings).toEqual([]);
});

it.each(Object.keys({ ...backendSchema.shape, ...orchestratorSchema.shape }))("docs/configuration.md explains %s", (key) => {
  expect(read("docs/configuration.md")).toContain(`\`${key}\``);
});

it.each(Object.keys(flags))("--help names --%s", (flag) => {
  expect(helpText).toMatch(flag === "verbose" ? /-v, -vv/u : new RegExp(`--${flag}\\b`, "u"));
});

it.each(Object.keys(kit).filter((name) => name !== "exampleRunStarted"))("docs/library.md names %s of the test kit", (name) => {
  expect(read("docs/library.md")).toContain(name);
});

it.each(pages)("the links in %s lead somewhere", (page) => {
  const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/gu)].map(([, target = ""]) =>
    new URL(target, `file:///${page}`).pathname.slice(1),
  );
  expect(targets.filter((target) => !existsSync(new URL(`../${target}`, import.meta.url)))).toEqual([]);
});

it("docs/models.md is what its data generates", () => {
  expect(pageWith(read("docs/models.md"), triedModels())).toBe(read("docs/models.md"));
});

it("AGENTS.md is a map of at most 120 lines", () => {
  expect(read("AGENTS.md").split("\n").length).toBeLessThanOrEqual(121);
});
