/** `node scripts/migrating/page.ts` writes docs/migrating.md anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commandLine } from "./command-line.ts";
import { configuration } from "./configuration.ts";
import type { Chapter, Row } from "./row.ts";
import { whatItDoes } from "./what-it-does.ts";

export const chapters: readonly Chapter[] = [...commandLine, ...configuration, ...whatItDoes];

const head = `# From MassGen 0.0.7

Files, commands and words of MassGen 0.0.7 keep working. This page lists each of them: *same*; *fixed*, with the fault that is gone; or
*changed*, with what to do. It is generated (\`node scripts/migrating/page.ts\`), and every row names the test that shows it.
`;

const cell = (text: string): string => text.replaceAll("|", String.raw`\|`);

function line({ what, now, fault, note, proof }: Row): string {
  const [file, title] = proof;
  const verdict = fault === undefined ? now : `${now} (${fault})`;
  return `| ${[what, verdict, note, `${file}${title === "" ? "" : `: ${title}`}`].map(cell).join(" | ")} |`;
}

export function migratingPage(): string {
  const parts = chapters.map(({ title, rows }) =>
    [`## ${title}`, "", "| 0.0.7 | Now | What is different, what to do | Test |", "|---|---|---|---|", ...rows.map(line), ""].join("\n"),
  );
  return [head, ...parts].join("\n");
}

const PAGE = fileURLToPath(new URL("../../docs/migrating.md", import.meta.url));

export const writtenPage = (): string => readFileSync(PAGE, "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, migratingPage());
