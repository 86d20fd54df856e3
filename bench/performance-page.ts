import { readFileSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { markdownTable, type Section } from "./table.ts";

const PAGE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const BEGIN = "<!-- npm run bench -- --write begins here -->";
const END = "<!-- and ends here -->";

export function machineText(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cpu = cpus()[0]?.model ?? "unknown processor";
  return `${availableParallelism()} cores (${cpu}), ${memory} GB, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** Puts the table between the marks of docs/performance.md and leaves the rest as it is. */
export function writePage(sections: readonly Section[]): void {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || rest === -1) throw new Error(`${PAGE} has lost its marks "${BEGIN}" and "${END}".`);
  const day = new Date().toISOString().slice(0, "YYYY-MM-DD".length);
  const made = `Made by \`npm run bench -- --write\` on ${day}: ${machineText()}.`;
  writeFileSync(PAGE, `${page.slice(0, before)}${BEGIN}\n\n${made}\n\n${markdownTable(sections)}\n\n${page.slice(rest)}`);
}
