import type { ModelFit } from "../config/model-facts.ts";
import { sizeInWords } from "../models/files/catalogue.ts";
import type { EngineModel } from "../models/engines/engine.ts";
import { grouped } from "../views/measures.ts";
import { plainText } from "../views/plain-text.ts";
import { table } from "../views/table.ts";

export interface ModelRow {
  readonly model: EngineModel;
  readonly fit: ModelFit | undefined;
}

const COLUMNS = 100;
const HEAD = ["MODEL", "SIZE", "WEIGHTS", "CONTEXT", "CAN", "STATE"];

/** The models of one engine as a table; where names are long, each stands on a line of its own. */
export function modelTable(rows: readonly ModelRow[]): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(cellsOf);
  const lines = table([HEAD, ...cells], ["left", "right"]);
  if (lines.every((line) => line.length <= COLUMNS)) return lines;
  const [head = "", ...rest] = table([HEAD.slice(1), ...cells.map((row) => row.slice(1))], ["right"]);
  return [`MODEL / ${head.trimStart()}`, ...rest.flatMap((line, at) => [cells[at]?.[0] ?? "", `    ${line}`])];
}

function cellsOf({ model, fit }: ModelRow): readonly string[] {
  const { id, sizeBytes, quantization } = model;
  return [
    plainText(id),
    sizeBytes === undefined ? "" : sizeInWords(sizeBytes.value),
    plainText(quantization?.value ?? ""),
    contextInWords(model),
    canInWords(model),
    [model.loaded?.value === true ? "in memory" : "", fitInWords(fit)].filter((text) => text !== "").join(", "),
  ];
}

/** What it has as it is loaded, of what it was trained for. */
export function contextInWords({ contextLoaded, contextTrained }: EngineModel): string {
  if (contextLoaded === undefined) return contextTrained === undefined ? "" : `up to ${grouped(contextTrained.value)}`;
  const trained =
    contextTrained === undefined || contextTrained.value === contextLoaded.value ? "" : ` of ${grouped(contextTrained.value)}`;
  return `${grouped(contextLoaded.value)}${trained}`;
}

function canInWords({ tools, vision, reasoning }: EngineModel): string {
  const can = [
    ["tools", tools],
    ["vision", vision],
    ["thinks", reasoning],
  ] as const;
  return can.flatMap(([word, fact]) => (fact?.value === true ? [word] : [])).join(" ");
}

function fitInWords(fit: ModelFit | undefined): string {
  if (fit?.fit === "never") return "more than all memory here";
  return fit?.fit === "tight" ? "tight in memory" : "";
}

/** Values without their sources, for scripts. */
export function plainFacts({ id: _id, sizeBytes, ...facts }: EngineModel): Readonly<Record<string, unknown>> {
  const values = Object.entries(facts).map(([name, fact]) => [name, (fact as { readonly value: unknown }).value] as const);
  return { ...(sizeBytes && { bytes: sizeBytes.value }), ...Object.fromEntries(values) };
}
