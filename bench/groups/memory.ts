import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { builtCommand } from "../built-command.ts";
import { median } from "../measure.ts";
import type { Row } from "../rows.ts";

const PROGRAM = fileURLToPath(new URL("../programs/large-council.js", import.meta.url));
const TOKENS = 10_000;

interface Report {
  readonly outcome: string;
  readonly calls: number;
  readonly maxRssKb: number;
  readonly cpuUs: number;
}

/** The most memory a process ever held for a whole run of the library. */
export async function measureMemory(): Promise<readonly Row[]> {
  const build = dirname(dirname(builtCommand()));
  const small = run(build, 3);
  const large = [1, 2, 3].map(() => run(build, 100));
  const tight = run(build, 100, ["--max-semi-space-size=16"]);
  return [
    { what: "3 agents with 10,000-token answers: peak RSS", value: megabytes(small), unit: "MB" },
    {
      what: "100 agents with 10,000-token answers: peak RSS",
      value: median(large.map(megabytes)),
      unit: "MB",
      goal: { atMost: 200 },
      note: `${median(large.map(({ cpuUs }) => cpuUs / 1e6)).toFixed(1)} s CPU for ${large[0]?.calls} calls and a million deltas`,
    },
    {
      what: "the same under node --max-semi-space-size=16",
      value: megabytes(tight),
      unit: "MB",
      note: "what V8 keeps free for new objects",
    },
  ];
}

function run(build: string, agents: number, flags: readonly string[] = []): Report {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, PROGRAM, build, String(agents), String(TOKENS)], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the council of ${agents} ended with ${status}: ${stderr}`);
  const report = JSON.parse(stdout) as Report;
  if (report.outcome !== "consensus") throw new Error(`the council of ${agents} ended as ${report.outcome}`);
  return report;
}

function megabytes({ maxRssKb }: Report): number {
  return (maxRssKb * 1024) / 1e6;
}
