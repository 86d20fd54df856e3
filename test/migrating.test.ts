import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chapters, migratingPage, writtenPage } from "../scripts/migrating/page.ts";

const rows = chapters.flatMap((chapter) => chapter.rows);
const here = (path: string): URL => new URL(path, import.meta.url);

test("docs/migrating.md is what its table generates", () => {
  expect(writtenPage()).toBe(migratingPage());
});

/** The test's file, wherever it lies. */
function sourceOf(file: string): string {
  const path = [`./${file}.test.ts`, `../src/${file}.test.ts`].find((candidate) => existsSync(here(candidate)));
  return path === undefined ? "" : readFileSync(here(path), "utf8");
}

test.each(rows)("$what is shown by a test that exists", ({ what, proof: [file, title] }) => {
  const source = sourceOf(file);
  expect(source, `${what}: there is no ${file}.test.ts`).not.toBe("");
  const quotes = ['"', "`", "'"];
  expect(title !== "" && quotes.some((quote) => source.includes(`${quote}${title}`)), `${what}: ${file} has no test "${title}…"`).toBe(
    true,
  );
});

test.each(rows)("$what says what is different, where something is", ({ now, note }) => {
  expect(note !== "" || now === "same").toBe(true);
});

const facts = here("../../shared/facts/massgen-0.0.7.md");

/** What stands between backticks in the first column of the table after a heading. */
function firstColumn(text: string, heading: string): readonly string[] {
  const after = text.slice(text.indexOf(heading));
  const table = after.slice(0, after.indexOf("\n\n", after.indexOf("|---")));
  const cells = table.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.split("|")[1] ?? ""] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name));
}

describe.skipIf(!existsSync(facts))("nothing of 0.0.7 is left out (skipped where ../shared is not there)", () => {
  const text = existsSync(facts) ? readFileSync(facts, "utf8") : "";
  const told = rows.map(({ what }) => what).join("\n");
  const names = [
    ...firstColumn(text, "### 1.2 Arguments").map((flag) => flag.split(" ")[0] ?? ""),
    ...firstColumn(text, "### 2.3 Backend fields"),
    ...firstColumn(text, "### 2.5 `ui` section"),
    ...firstColumn(text, "### 5.6 Files written").map((file) => file.split("YYYY")[0] ?? ""),
    ...[...(/\| library import \|([^|]*)\|/u.exec(text)?.[1] ?? "").matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name),
    ...[...(/^Env vars known to the program:[^]*?\(BE-2\)/mu.exec(text)?.[0] ?? "").matchAll(/`([A-Z_]+)`/gu)].map(([, name = ""]) => name),
  ];

  test.each([...new Set(names)])("%s has its row", (name) => {
    expect(told.toLowerCase()).toContain(name.toLowerCase());
  });
});
