import { askOptions } from "./ask-options.ts";
import type { Command, Output } from "./command.ts";
import { type FlagName, usageError, type Words } from "./flags.ts";

/** The file that runs in its folder take by themselves. */
const USUAL_FILE = "massgen.yaml";

/** Flags that say who is to answer, which leaves nothing to ask. */
const seating: readonly FlagName[] = ["backend", "model", "base-url", "models", "agents", "system-message", "cloud"];

export function parseInit(parts: Words, output: Output): Command {
  const { words, given } = parts;
  const [, file = USUAL_FILE] = words;
  if (!/\.ya?ml$/iu.test(file))
    throw usageError(
      `A config is written as YAML, and ${file} does not end in .yaml.`,
      `massgen init ${/(?:^|\/)\.{0,2}$/u.test(file) ? `${file.replace(/\/$/u, "")}/massgen` : file.replace(/\.json$/iu, "")}.yaml`,
    );
  const options = askOptions(parts);
  const template = given.get("template")?.value;
  const other = seating.find((name) => given.has(name));
  if (template !== undefined && other !== undefined) {
    throw usageError(
      `--template names its agents itself: --${other} means nothing beside it.`,
      "Leave one of them out, and edit the file afterwards.",
    );
  }
  return {
    type: "init",
    file,
    ...(template !== undefined && { template }),
    force: given.has("force"),
    isNamed: [options.backend, options.model, options.baseUrl, options.named].some((flag) => flag !== undefined),
    isSettled: template !== undefined || other !== undefined,
    options,
    output,
  };
}
