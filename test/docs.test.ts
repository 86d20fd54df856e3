import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { parseArguments } from "../src/cli/arguments.ts";
import { flags } from "../src/cli/flags.ts";
import { helpText } from "../src/cli/help.ts";
import { readConfig } from "../src/config/load-config.ts";
import { findConfig } from "../src/config/find-config.ts";
import { presetNames, templates } from "../src/config/shipped-configs.ts";
import { chatProviders } from "../src/models/backends/chatcompletion/providers.ts";
import { families } from "../src/models/files/families.ts";
import { pageWith, triedModels } from "../scripts/tried-models.ts";
import * as kit from "../src/testing/index.ts";

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const pages = [
  "README.md",
  "AGENTS.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("../docs", import.meta.url), { recursive: true, encoding: "utf8" })
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

it.each(pages)("each row of a table in %s has as many cells as its head", (page) => {
  const tables = [
    ...read(page)
      .replaceAll(/```.*?```/gsu, "")
      .matchAll(/^(?:\|.*\n)+/gmu),
  ].map(([table]) => table.trimEnd().split("\n"));
  const bars = (row: string): number => row.match(/(?<!\\)\|/gu)?.length ?? 0;
  expect(tables.flatMap((rows) => rows.filter((row) => bars(row) !== bars(rows[0] ?? "")))).toEqual([]);
});

it.each(chatProviders)(
  "docs/backends/chatcompletion.md tells of $title what its data says",
  ({ title, hosts, variables, model, ballots, note }) => {
    const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
    const by = { native: "schema", tool: "tool", text: "text" }[ballots];
    const row = `| ${[title, code(hosts), code(variables), code([model]), by, note].join(" | ")} |`;
    expect(read("docs/backends/chatcompletion.md")).toContain(row);
  },
);

it.each(templates().map(({ name }) => name))("docs/init.md names the template %s", (name) => {
  expect(read("docs/init.md")).toContain(`\`${name}\``);
});

it("docs/models.md is what its data generates", () => {
  expect(pageWith(read("docs/models.md"), triedModels())).toBe(read("docs/models.md"));
});

it("AGENTS.md is a map of at most 120 lines", () => {
  expect(read("AGENTS.md").split("\n").length).toBeLessThanOrEqual(121);
});

const local = read("docs/local-models.md");

/** The cells of a table's row that begins with this. */
const cellsOf = (row: string): readonly string[] => row.split("|").map((cell) => cell.trim().replaceAll("`", ""));
const linesOf = (heading: string): readonly string[] => (local.slice(local.indexOf(heading)).split("\n\n")[0] ?? "").split("\n").slice(2);
const rowsAfter = (heading: string): readonly (readonly string[])[] => linesOf(heading).map(cellsOf);

const memory = new Map(
  rowsAfter("| Family | Weights |").map(([, name = "", weights = "", shape = "", bytes = ""]) => [
    name,
    { weights: Number.parseFloat(weights), shape: shape.split("×").map(Number), bytesPerToken: Number(bytes.replaceAll(",", "")) },
  ]),
);

it.each(families)("docs/local-models.md counts $name as the engines' libraries do", ({ name, bytes }) => {
  const row = memory.get(name);
  expect(row?.weights).toBeCloseTo(bytes / 1e9, 1);
  expect(row?.shape.reduce((product, factor) => product * factor, 4)).toBe(row?.bytesPerToken);
});

/** Of gemma3-12b, what its layers with a short memory take; of the embedded SmolLM2, what its file is smaller; in GB. */
const GEMMA_WINDOWS = 0.34;
const SMOLLM2_FILE = 1.1;
const BUFFERS = 0.5;
const FREE = 1;

async function needOf(preset: string): Promise<readonly number[]> {
  const { agents } = readConfig(preset, await readFile(findConfig(preset).path, "utf8"), {});
  const needs = new Map<string, number>();
  for (const { backend } of agents) {
    if (backend.type === "openai") continue;
    const isEmbedded = backend.type === "embedded";
    const name = isEmbedded ? "smollm2-1.7b" : (backend.model ?? "");
    const { weights = NaN, bytesPerToken = NaN } = memory.get(name) ?? {};
    const context = ((backend.context_length ?? NaN) * bytesPerToken * (isEmbedded ? agents.length : 1)) / 1e9;
    needs.set(name, (isEmbedded ? SMOLLM2_FILE : weights) + context + (name === "gemma3-12b" ? GEMMA_WINDOWS : 0) + BUFFERS);
  }
  return [...needs.values()];
}

it.each(rowsAfter("| Preset | Agents |"))("%s%s: its memory holds by arithmetic", async (...cells) => {
  const [, preset = "", , together = "", inTurns = ""] = cells;
  const needs = await needOf(preset);
  expect(Number.parseFloat(together)).toBeCloseTo(
    needs.reduce((sum, need) => sum + need, FREE),
    1,
  );
  expect(Number.parseFloat(inTurns)).toBeCloseTo(Math.max(...needs) + FREE, 1);
});

/** Every command that a page shows, as words: of blocks a line each, of text what stands between backticks. */
function commandsOf(program: string): readonly (readonly [page: string, command: string])[] {
  return pages.flatMap((page) => {
    const text = read(page);
    const shown = [...text.matchAll(/```sh\n(.*?)```|^ {4}(\S.*)$|`([^`\n]+)`/gmsu)].flatMap(([, block, line, span]) =>
      (block ?? line ?? span ?? "").replaceAll(/\\\n\s*/gu, "").split("\n"),
    );
    const commands = shown.filter((line) => new RegExp(String.raw`(?:^|\| |^[A-Z_]+=\S* )${program} `, "u").test(line));
    return [...new Set(commands)].map((command) => [page, command] as const);
  });
}

/** What the shell would hand to the program. */
function wordsOf(command: string, program: string): readonly string[] {
  const words = [...command.matchAll(/"[^"]*"|'[^']*'|\S+/gu)].map(([word]) => word);
  const rest = words.slice(words.indexOf(program) + 1);
  const end = rest.findIndex((word) => /^(?:[|#<]|>|&&|;)/u.test(word));
  return rest.slice(0, end === -1 ? undefined : end).map((word) => word.replaceAll(/^["']|["']$/gu, ""));
}

it.each(commandsOf("massgen"))("the command in %s is understood: %s", (_page, command) => {
  const words = wordsOf(command, "massgen");
  expect(() => parseArguments(words)).not.toThrow();
  const config = words[words.indexOf("--config") + 1] ?? "";
  if (words.includes("--config") && /^[a-z0-9-]+$/u.test(config)) expect(presetNames()).toContain(config);
});

it.each(commandsOf("massgen-fake-engine"))("the command in %s is understood: %s", (_page, command) => {
  const known = read("src/testing/fake-engine-command.ts");
  for (const flag of command.match(/--[a-z-]+/gu) ?? []) expect(known).toContain(`  ${flag} `);
});

it("docs/local-models.md quotes what the code says, word for word", async () => {
  const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const code = (await Promise.all(files.map((file) => readFile(new URL(`../src/${file}`, import.meta.url), "utf8")))).join("\n");
  const quotes = linesOf("| What you see |").flatMap((row) =>
    [...(row.split(" | ")[1] ?? "").matchAll(/`([^`]+)`/gu)].map(([, quote = ""]) => quote),
  );
  const pieces = quotes
    .filter((quote) => !/^(?:loading|reading)$/u.test(quote))
    .flatMap((quote) => quote.split("…").map((piece) => piece.trim()));
  expect(pieces.length).toBeGreaterThan(50);
  expect(pieces.filter((piece) => !code.includes(piece))).toEqual([]);
});

it.each(blocks("sh").filter(([page]) => page === "docs/local-models.md"))(
  "a block of commands in %s says where it was run: %s",
  (_page, text) => {
    expect(text.split("\n")[0]).toMatch(/^# .*run here/iu);
  },
);
