import { statfs } from "node:fs/promises";
import { availableParallelism, release, type } from "node:os";
import { dirname } from "node:path";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { type Check, type Finding, timed } from "./check.ts";
import { type Graphics, lookAtGraphics } from "./graphics.ts";

/** What the machine around this process is. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Bytes this process may use at most, and bytes that are free now. */
  readonly memoryBytes: number;
  readonly freeBytes: number;
  readonly massgen: string;
}

const names: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: "macOS, Darwin", win32: "Windows" };

/** Room that a small model takes. */
const LITTLE_ROOM = 2e9;
const LITTLE_MEMORY = 1e9;

export interface MachineChecks {
  readonly checks: readonly Check[];
  readonly graphics: Graphics;
}

export async function checkMachine(
  machine: Machine,
  { modelsDir, now, signal }: { readonly modelsDir: string; readonly now: () => number; readonly signal: AbortSignal },
): Promise<MachineChecks> {
  const look = (check: string, target: string, work: () => Promise<Finding> | Finding): Promise<Check> =>
    timed({ section: "machine", check, target }, now, work);
  const graphics = lookAtGraphics(machine, signal);
  const checks = await Promise.all([
    look("system", "system", () => ({ status: "ok", text: `${systemName(machine)}, ${machine.arch}` })),
    look("versions", "versions", () => ({ status: "ok", text: `massgen ${machine.massgen}, Node ${process.version.slice(1)}` })),
    look("processor", "processor", () => ({ status: "ok", text: `${availableParallelism()} cores` })),
    look("memory", "memory", () => memoryFinding(machine)),
    look("graphics", "graphics", async () => graphicsFinding(await graphics)),
    look("disk", "disk", async () => diskFinding(modelsDir)),
  ]);
  return { checks, graphics: await graphics };
}

function systemName({ platform }: Machine): string {
  return `${names[platform] ?? type()} ${release()}`;
}

function memoryFinding({ memoryBytes, freeBytes }: Machine): Finding {
  const text = `${sizeInWords(memoryBytes)}, of which ${sizeInWords(freeBytes)} are free`;
  if (freeBytes >= LITTLE_MEMORY) return { status: "ok", text };
  return { status: "warning", text, hint: "Close other programs before a model is loaded." };
}

function graphicsFinding(graphics: Graphics): Finding {
  switch (graphics.type) {
    case "cards":
      return { status: "ok", text: graphics.cards.map(({ name, memoryBytes }) => `${name}, ${sizeInWords(memoryBytes)}`).join("; ") };
    case "shared":
      return { status: "ok", text: "on the chip, with the same memory" };
    case "none":
      return { status: "unknown", text: "unknown: no tool of NVIDIA or AMD is here to ask" };
    case "unknown":
      return { status: "unknown", text: `unknown: ${graphics.why}` };
  }
}

async function diskFinding(folder: string): Promise<Finding> {
  const free = await freeAt(folder);
  if (free === undefined) return { status: "unknown", text: `how much room there is in ${folder} cannot be read` };
  const text = `${sizeInWords(free)} free for models in ${folder}`;
  if (free >= LITTLE_ROOM) return { status: "ok", text };
  return { status: "warning", text, hint: "Make room, or set MASSGEN_HOME to a folder on another disk." };
}

/** Of the folder, or of the first above it that is there. */
async function freeAt(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const above = dirname(folder);
    return (error as NodeJS.ErrnoException).code === "ENOENT" && above !== folder ? freeAt(above) : undefined;
  }
}
