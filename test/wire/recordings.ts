import { existsSync, readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../shared/fixtures/wire/", import.meta.url);

/** Why tests of recordings are skipped here; undefined where they are not. */
export const noRecordings = existsSync(folder) ? undefined : "no recordings next to this checkout";

/** Names of what was recorded of a provider, one event a line. */
export function recordingsOf(provider: string): readonly string[] {
  return noRecordings === undefined ? readdirSync(new URL(`${provider}/`, folder)).filter((file) => file.endsWith(".chunks.txt")) : [];
}

/** The events of a recording; those of Anthropic have a type. */
export function recordedEvents(provider: string, file: string): readonly { readonly type: string }[] {
  const lines = readFileSync(new URL(`${provider}/${file}`, folder), "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as { type: string });
}

/** Something else that was recorded, as text. */
export function recordedText(provider: string, file: string): string {
  return readFileSync(new URL(`${provider}/${file}`, folder), "utf8");
}
