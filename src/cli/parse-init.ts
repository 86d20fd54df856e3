import { askOptions } from "./ask-options.ts";
import type { Command, Output } from "./command.ts";
import { usageError, type Words } from "./flags.ts";

/** The file that runs in its folder take by themselves. */
const USUAL_FILE = "massgen.yaml";

export function parseInit(parts: Words, output: Output): Command {
  const { words, given } = parts;
  const [, file = USUAL_FILE] = words;
  if (words.length > 2)
    throw usageError('"massgen init" takes one file: massgen init FILE', `To ask this as a question: massgen -- "${words.join(" ")}"`);
  if (!/\.ya?ml$/iu.test(file))
    throw usageError(`A config is written as YAML, and ${file} does not end in .yaml.`, `massgen init ${file}.yaml`);
  const options = askOptions(parts);
  const template = given.get("template")?.value;
  const isNamed = [options.backend, options.model, options.baseUrl, options.named].some((flag) => flag !== undefined);
  if (template !== undefined && (isNamed || options.cloud === true || options.agents !== undefined)) {
    throw usageError("--template names its agents itself.", "Leave the other flags out, or edit the file afterwards.");
  }
  const isSettled = isNamed || options.cloud === true || options.agents !== undefined;
  return {
    type: "init",
    file,
    ...(template !== undefined && { template }),
    force: given.has("force"),
    isNamed,
    isSettled,
    options,
    output,
  };
}
