import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand, type RunCommand } from "../../models/files/run-command.ts";
import { unlessAborted } from "../../models/unless-aborted.ts";

/** A graphics card that a vendor's own tool told of. */
export interface Card {
  readonly name: string;
  readonly memoryBytes: number;
}

/** `none`: no tool of a vendor is here to ask, which is no proof that there is no card. */
export type Graphics =
  | { readonly type: "cards"; readonly cards: readonly Card[] }
  /** Apple's chips: graphics and processor use the same memory. */
  | { readonly type: "shared" }
  | { readonly type: "none" }
  | { readonly type: "unknown"; readonly why: string };

/** A vendor's tool may take so long, in milliseconds. */
const TOOL_MS = 300;
const MOST_CHARACTERS = 20_000;
const MIB = 2 ** 20;

/** Starting a program takes this process a while even where there is no such program, so we look first. */
const runInstalled: RunCommand = async (command, signal, hear) => {
  const [name] = command;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, name)) || existsSync(join(folder, `${name}.exe`))))
    throw new Error(`There is no ${name}.`);
  return runCommand(command, signal, hear);
};

interface Tool {
  readonly command: readonly [string, ...string[]];
  readonly read: (said: string) => readonly Card[];
}

const tools: readonly Tool[] = [
  { command: ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"], read: nvidiaCards },
  { command: ["rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json"], read: rocmCards },
];

/** Asks the tools of NVIDIA and AMD, where they are installed, for what they see. */
export async function lookAtGraphics(
  { platform, arch, run = runInstalled }: { readonly platform: NodeJS.Platform; readonly arch: string; readonly run?: RunCommand },
  signal: AbortSignal,
): Promise<Graphics> {
  if (platform === "darwin" && arch === "arm64") return { type: "shared" };
  const soon = AbortSignal.any([signal, AbortSignal.timeout(TOOL_MS)]);
  const asked = await Promise.all(tools.map(async (tool) => ask(tool, run, soon)));
  signal.throwIfAborted();
  const cards = asked.flatMap((answer) => (answer.type === "cards" ? answer.cards : []));
  if (cards.length > 0) return { type: "cards", cards };
  return asked.find(({ type }) => type === "unknown") ?? { type: "none" };
}

/** Of all cards together; nothing where it is not known. */
export function graphicsBytes(graphics: Graphics): number | undefined {
  if (graphics.type === "unknown") return undefined;
  return graphics.type === "cards" ? graphics.cards.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) : 0;
}

async function ask({ command, read }: Tool, run: RunCommand, signal: AbortSignal): Promise<Graphics> {
  const [name] = command;
  let said = "";
  const hear = (text: string): void => void (said = (said + text).slice(0, MOST_CHARACTERS));
  try {
    const { exitCode } = await unlessAborted(run(command, signal, hear), signal);
    return exitCode === 0 ? { type: "cards", cards: read(said) } : { type: "none" };
  } catch {
    return signal.aborted ? { type: "unknown", why: `${name} did not answer within ${TOOL_MS} ms` } : { type: "none" };
  }
}

/** `NVIDIA GeForce RTX 4090, 24564` a line, in MiB. */
function nvidiaCards(said: string): readonly Card[] {
  return said.split("\n").flatMap((line) => {
    const [, name, mib] = /^(.+),\s*(\d+)\s*$/u.exec(line) ?? [];
    return name === undefined ? [] : [{ name: name.trim(), memoryBytes: Number(mib) * MIB }];
  });
}

/** A mapping of cards; the keys changed their words over the years. */
function rocmCards(said: string): readonly Card[] {
  try {
    const cards = Object.values(JSON.parse(said) as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    return cards.flatMap((card) => {
      const value = (pattern: RegExp): string | undefined => {
        const found = Object.entries(card).find(([key, text]) => pattern.test(key) && typeof text === "string");
        return found?.[1] as string | undefined;
      };
      const bytes = Number(value(/VRAM Total Memory/iu));
      return Number.isSafeInteger(bytes) && bytes > 0
        ? [{ name: value(/Card series|Product Name/iu) ?? "an AMD card", memoryBytes: bytes }]
        : [];
    });
  } catch {
    return [];
  }
}
