import { isJson, parseJson } from "../chatcompletion/wire.ts";
import type { PartReader } from "../with-parts.ts";

/** What OpenAI's code interpreter was given is the code; the number of its container is nothing to anybody. */
export function codeAlone(): PartReader {
  return (part) => {
    if (part.type !== "tool-call" || part.providerExecuted !== true) return [part];
    const input = parseJson(part.input);
    return [isJson(input) && typeof input["code"] === "string" ? { ...part, input: JSON.stringify({ code: input["code"] }) } : part];
  };
}
