import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readGgufHeader } from "../../src/models/files/gguf-header.ts";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { reasonToSkip, smolLmFile } from "../../test/engines/engine-cache.ts";
import { builtCommand } from "../built-command.ts";
import { type Row, skipped } from "../rows.ts";

const AGENTS = 6;
const CONTEXT_TOKENS = 1_024;
const COUNCILS = 20;
/** By then caches and compiled code have come to rest. */
const SETTLED = 5;
const MEGABYTE = 1e6;

interface Resident {
  readonly before: number;
  readonly after: readonly number[];
  readonly closed: number;
  readonly maxRssKb: number;
}

/** What councils on engines keep in memory, each in a process of its own. */
export async function measureResidentMemory(): Promise<readonly Row[]> {
  const build = dirname(dirname(builtCommand()));
  const rows = [await external(build)];
  const reason = await reasonToSkip();
  return reason === undefined ? [...rows, ...(await embedded(build))] : [...rows, skipped("embedded engine", reason)];
}

async function external(build: string): Promise<Row> {
  const fake = await startFakeLlamaCpp({ models: ["bench"] });
  try {
    const { outcome, maxRssKb } = await run<{ readonly outcome: string; readonly maxRssKb: number }>("resident-external.js", [
      build,
      fake.origin,
      AGENTS,
    ]);
    if (outcome !== "consensus") throw new Error(`the council ended as ${outcome}`);
    const value = (maxRssKb * 1_024) / MEGABYTE;
    return { what: `${AGENTS} agents on an engine in another process: peak RSS`, value, unit: "MB", goal: { atMost: 120 } };
  } finally {
    await fake.close();
  }
}

async function embedded(build: string): Promise<readonly Row[]> {
  const path = await smolLmFile();
  const laneBytes = (readGgufHeader(path).contextBytesPerToken ?? 0) * CONTEXT_TOKENS;
  const fileBytes = statSync(path).size;
  // Two agents, since one alone casts no ballot, and what grammars take is not to count as a lane's.
  const one = await run<Resident>("resident-embedded.js", [build, path, 2, 1, CONTEXT_TOKENS, 0]);
  const six = await run<Resident>("resident-embedded.js", [build, path, AGENTS, AGENTS, CONTEXT_TOKENS, COUNCILS - 1]);
  const [first = 0, settled = 0, last = 0] = [six.after[0], six.after[SETTLED - 1], six.after.at(-1)];
  const held = fileBytes + AGENTS * laneBytes;
  const mb = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(0)} MB`;
  return [
    {
      what: `${AGENTS} agents on one embedded model: peak RSS beyond the file and the contexts`,
      value: (six.maxRssKb * 1_024 - held) / MEGABYTE,
      unit: "MB",
      goal: { atMost: 150 },
      note: `${mb(six.maxRssKb * 1_024)} over ${mb(fileBytes)} of file and ${mb(AGENTS * laneBytes)} of contexts`,
    },
    {
      what: `${AGENTS} agents with a lane each over two on one lane: RSS beyond the further contexts`,
      value: (first - (one.after[0] ?? 0) - (AGENTS - 1) * laneBytes) / MEGABYTE,
      unit: "MB",
      goal: { atMost: 20 },
      note: `${mb(first)} over ${mb(one.after[0] ?? 0)}, a context takes ${mb(laneBytes)}`,
    },
    {
      what: `growth of RSS from the ${SETTLED}th to the ${COUNCILS}th council`,
      value: (last - settled) / MEGABYTE,
      unit: "MB",
      goal: { atMost: 10 },
      note: `${mb(settled)} to ${mb(last)}`,
    },
    {
      what: "of the file and the contexts given back when the last agent has closed",
      value: (100 * (last - six.closed)) / held,
      unit: "%",
      goal: { atLeast: 95 },
      note: `${mb(six.before)} before, ${mb(last)} at the last council, ${mb(six.closed)} after`,
    },
  ];
}

async function run<Report>(program: string, parameters: readonly (string | number)[]): Promise<Report> {
  const file = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file, ...parameters.map(String)]);
  return JSON.parse(stdout) as Report;
}
