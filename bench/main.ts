/** `npm run bench`: measures and prints one table. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { groups } from "./groups.ts";
import { machineText, writePage } from "./performance-page.ts";
import type { Row } from "./rows.ts";
import { plainTable, type Section } from "./table.ts";

const USAGE = `npm run bench -- [--only NAME] [--json] [--write]

  --only NAME   one group: ${Object.keys(groups).join(", ")}
  --json        the rows as JSON
  --write       puts what was measured into docs/performance.md
`;
const LONGEST_GROUP_MS = 300_000;

/** Each group runs in a process of its own: none inherits the heap or the compiled code of another, and one that hangs is ended. */
async function sectionOf(name: string, title: string): Promise<Section> {
  const main = fileURLToPath(import.meta.url);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, "--only", name, "--json"], { timeout: LONGEST_GROUP_MS });
    return { name, title, rows: (JSON.parse(stdout) as readonly { readonly rows: readonly Row[] }[])[0]?.rows ?? [] };
  } catch (error) {
    const { killed, stderr, message } = error as Error & { readonly killed?: boolean; readonly stderr?: string };
    const why = killed === true ? `not done after ${LONGEST_GROUP_MS / 1_000} s` : (stderr ?? message).trim();
    return { name, title, rows: [], trouble: why.split("\n").at(-1) ?? why };
  }
}

async function measureAll(): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const [name, { title }] of Object.entries(groups)) {
    process.stderr.write(`measuring ${name} …\n`);
    sections.push(await sectionOf(name, title));
  }
  return sections;
}

async function measureOne(name: string): Promise<readonly Section[] | undefined> {
  const group = groups[name];
  if (group === undefined) return undefined;
  const measure = await group.load();
  return [{ name, title: group.title, rows: await measure() }];
}

async function main(): Promise<number> {
  const { only, json, write, help } = parseArgs({
    options: {
      only: { type: "string" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const sections = only === undefined ? await measureAll() : await measureOne(only);
  if (sections === undefined) {
    process.stderr.write(USAGE);
    return 64;
  }
  process.stdout.write(json ? `${JSON.stringify(sections, undefined, 2)}\n` : `${machineText()}\n\n${plainTable(sections)}\n`);
  if (write) writePage(sections);
  return sections.some(({ trouble }) => trouble !== undefined) ? 1 : 0;
}

process.exit(await main());
