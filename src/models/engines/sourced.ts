import type { Sourced } from "./engine.ts";

/** A field of an `EngineModel` that is left out where there is nothing to say. */
export function known<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
  source: string,
): { readonly [Key in Name]?: Sourced<Value> } {
  return (value === undefined ? {} : { [name]: { value, source } }) as { readonly [Key in Name]?: Sourced<Value> };
}

/** A count of tokens, bytes or slots that makes sense. */
export function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function truth(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
