import { spawnSync } from "node:child_process";
import { shippedConfigs } from "../../src/config/shipped-configs.ts";
import { builtCommand } from "../built-command.ts";
import { interleaved } from "../measure.ts";
import type { Row } from "../rows.ts";

/** How long the command takes to say what it knows by heart, over Node doing nothing. */
export async function measureStartUp(): Promise<readonly Row[]> {
  const command = builtCommand();
  const files = shippedConfigs().flatMap(({ kind, path }) => (kind === "configs" ? [path] : []));
  const [node = 0, version = 0, help = 0, validate = 0] = await interleaved(21, [
    () => wallOf(["-e", "0"]),
    () => wallOf([command, "--version"]),
    () => wallOf([command, "--help"]),
    () => wallOf([command, "config", "validate", ...files]),
  ]);
  const note = (ms: number): string => `${ms.toFixed(0)} ms over ${node.toFixed(0)} ms`;
  return [
    { what: "--version over node -e 0", value: version / node, unit: "x", goal: { atMost: 1.6 }, note: note(version) },
    { what: "--help over node -e 0", value: help / node, unit: "x", goal: { atMost: 2.5 }, note: note(help) },
    {
      what: `config validate of ${files.length} files beyond node -e 0`,
      value: validate - node,
      unit: "ms",
      goal: { atMost: 150 },
      note: note(validate),
    },
  ];
}

async function wallOf(parameters: readonly string[]): Promise<number> {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${parameters.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - begin;
}
