import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { traps, withoutTraps } from "./traps.ts";

const root = join(import.meta.dirname, "../..");
const facts = join(root, "../shared/facts/local-engines.md");

/** As it is written, with or without the backslashes that quotes need. */
const sourceOf = (file: string): string => readFileSync(join(root, file), "utf8").replaceAll("\\", "");

describe.each([...new Set(traps.map(({ file }) => file))])("the traps of %s", (file) => {
  test.each(traps.filter((trap) => trap.file === file).map(({ section, trap, test: name }) => [section, trap, name] as const))(
    "%s, %s: has its test",
    (_section, _trap, name) => {
      const source = sourceOf(file);
      expect(['"', "'", "`"].some((quote) => source.includes(`${quote}${name}`))).toBe(true);
    },
  );
});

test.skipIf(!existsSync(facts))("every section of the facts has a trap with a test, or a reason why not", () => {
  const sections = [...readFileSync(facts, "utf8").matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gmu)].map(([, section]) => section ?? "");
  expect(sections.length).toBeGreaterThan(40);
  const covered = (section: string): boolean =>
    section in withoutTraps || traps.some((trap) => trap.section === section || trap.section.startsWith(`${section}.`));
  expect(sections.filter((section) => !covered(section))).toEqual([]);
});

test("no trap is listed twice", () => {
  const listed = traps.map(({ section, trap }) => `${section} ${trap}`);
  expect(listed.filter((each, place) => listed.indexOf(each) !== place)).toEqual([]);
});
