import { statSync } from "node:fs";
import { MassgenError } from "../../core/errors.ts";
import { NotGgufError, readGgufHeader, type GgufHeader } from "./gguf-header.ts";

const GET_ONE = "Run `massgen models pull` to get a model file, or name another one.";

function sentence(path: string, error: unknown): string {
  if (error instanceof NotGgufError) return `${path} is not a model file in GGUF format: ${error.message}.`;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return `There is no model file ${path}.`;
  if (code === "EACCES" || code === "EPERM") return `The model file ${path} may not be read.`;
  return `The model file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
}

/**
 * Says whether a file can be a model before anything is loaded: it exists, is readable, and its GGUF header is whole.
 * @param expectedBytes its size where that is known, so that a file cut short is found
 * @throws MassgenError `model-file`
 */
export function checkModelFile(path: string, expectedBytes?: number): GgufHeader {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new NotGgufError("it is a folder");
    const header = readGgufHeader(path);
    if (expectedBytes !== undefined && found.size !== expectedBytes) {
      throw new NotGgufError(`it has ${found.size} bytes where ${expectedBytes} belong`);
    }
    return header;
  } catch (error) {
    throw new MassgenError("model-file", sentence(path, error), { hint: GET_ONE, cause: error });
  }
}
