import { readFileSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { groups } from "./groups.ts";
import { markdownTable, type Section } from "./table.ts";

const PAGE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const BEGIN = "<!-- npm run bench -- --write begins here -->";
const END = "<!-- and ends here -->";

export function machineText(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cpu = cpus()[0]?.model ?? "unknown processor";
  return `${availableParallelism()} cores (${cpu}), ${memory} GB, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** Puts what was measured between the marks of docs/performance.md: other groups keep their tables, the rest of the page its words. */
export function writePage(sections: readonly Section[]): void {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || rest === -1) throw new Error(`${PAGE} has lost its marks "${BEGIN}" and "${END}".`);
  const day = new Date().toISOString().slice(0, "YYYY-MM-DD".length);
  const made = `Made by \`npm run bench -- --write\`, last on ${day}: ${machineText()}.`;
  const older = page
    .slice(before, rest)
    .trimEnd()
    .split(/\n\n(?=\*\*)/u);
  const tables = Object.values(groups).flatMap(({ title }) => {
    const section = sections.find((other) => other.title === title);
    return section === undefined ? older.filter((table) => table.startsWith(`**${title}**`)) : [markdownTable([section])];
  });
  writeFileSync(PAGE, `${page.slice(0, before)}${[BEGIN, made, ...tables].join("\n\n")}\n\n${page.slice(rest)}`);
}
