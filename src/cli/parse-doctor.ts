import type { Command, Output } from "./command.ts";
import { type FlagName, usageError, type Words } from "./flags.ts";

/** `--tune` measures instead of looking: each has flags of its own. */
export function parseDoctor({ given }: Words, output: Output): Command {
  const text = (name: FlagName): object => (given.has(name) ? { [name]: given.get(name)?.value } : {});
  if (given.has("tune")) {
    if (given.has("config")) throw usageError("--tune and --config exclude each other.", "--engine and --model say what is measured.");
    return { type: "tune", ...text("engine"), ...text("model"), output };
  }
  const idle = (["engine", "model"] as const).find((name) => given.has(name));
  if (idle !== undefined) throw usageError(`--${idle} means something to "massgen doctor" only with --tune.`);
  return { type: "doctor", ...text("config"), output };
}
