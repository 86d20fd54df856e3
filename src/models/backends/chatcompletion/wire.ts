/** JSON of a server nobody vouches for. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON, also with the `NaN` and `Infinity` that Python writes; nothing when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const repaired = text.replaceAll(/([:[,]\s*)(?:NaN|-?Infinity)(?=\s*[,}\]])/gu, "$1null");
    if (repaired === text) return undefined;
    try {
      return JSON.parse(repaired);
    } catch {
      return undefined;
    }
  }
}
