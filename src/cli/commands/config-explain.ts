import { readLayers } from "../../config/config-layers.ts";
import { type Explained, explain, type Saying } from "../../config/explain.ts";
import { runLayers } from "../../config/run-files.ts";
import { plainText } from "../../views/plain-text.ts";
import type { ConfigRequest } from "../parse-config.ts";
import { foldersOf, type Session } from "../session.ts";

type Explain = Extract<ConfigRequest, { type: "explain" }>;

/** Says what a setting means, which value a run here would have, who says so, and what that overrode. */
export async function explainKey({ key, file, profile, flags }: Explain, { io, output, narrator }: Session): Promise<number> {
  const where = { folder: io.folder, configFolder: foldersOf(io).config };
  const { request, notices } = runLayers({ config: file, profile, flags }, io.environment, where);
  const found = explain(key, readLayers(request).layers);
  for (const text of notices) narrator.line({ tone: "plain", text });
  const lines = output.json ? found.map(jsonOf) : found.flatMap((one, at) => [...(at === 0 ? [] : [""]), ...linesOf(one)]);
  for (const line of lines) io.stdout.write(`${output.json ? line : plainText(line)}\n`);
  await io.stdout.flushed();
  return 0;
}

function jsonOf({ key, meaning, usual, won, overrode }: Explained): string {
  return JSON.stringify({
    key,
    value: won?.value ?? null,
    from: won?.by ?? "default",
    place: won?.place ?? null,
    meaning,
    default: usual,
    overrode,
  });
}

function linesOf({ key, meaning, usual, won, overrode }: Explained): readonly string[] {
  const isDefault = won === undefined || won.value === null;
  const value = isDefault ? (usual === undefined ? "not set" : `${textOf(usual)} (the default)`) : textOf(won.value);
  return [
    `${key}: ${value}`,
    ...(meaning === undefined ? [] : [`  ${meaning}`]),
    ...(won === undefined ? [] : [`  said by the ${nameOf(won)}${won.value === null ? ": null, which is the default" : ""}`]),
    ...overrode.map((saying) => `  instead of ${textOf(saying.value)}, the ${nameOf(saying)}`),
    ...(isDefault || usual === undefined ? [] : [`  default: ${textOf(usual)}`]),
  ];
}

function nameOf({ by, place }: Saying): string {
  return `${by}, ${place}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" && !value.includes("\n") ? value : JSON.stringify(value);
}
