import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { modelsTable } from "../src/models/trial/models-table.ts";
import { type Trial, trialSchema } from "../src/models/trial/trial.ts";

const DATA = fileURLToPath(new URL("../docs/models-data.json", import.meta.url));
const PAGE = fileURLToPath(new URL("../docs/models.md", import.meta.url));
const BEGIN = "<!-- npm run test:templates begins here -->";
const END = "<!-- and ends here -->";

/** What is known of all models that were tried, by name. */
export function triedModels(): readonly Trial[] {
  return z.array(trialSchema).parse(JSON.parse(readFileSync(DATA, "utf8")));
}

/** Adds trials and writes the page anew. A model that was tried again on the same engine has one row, the newer one. */
export function keepTrials(newer: readonly Trial[]): void {
  const key = ({ model, engine }: Trial): string => `${model} ${engine}`;
  const rows = new Map([...triedModels(), ...newer].map((trial) => [key(trial), trial]));
  const sorted = [...rows.values()].toSorted((one, other) => key(one).localeCompare(key(other), "en"));
  writeFileSync(DATA, `${JSON.stringify(sorted, undefined, 2)}\n`);
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, "utf8"), sorted));
}

/** The page with the table of these trials between its marks, and the rest as it is. */
export function pageWith(page: string, trials: readonly Trial[]): string {
  const [before, rest] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || rest === -1) throw new Error(`${PAGE} has lost its marks "${BEGIN}" and "${END}".`);
  return `${page.slice(0, before)}${BEGIN}\n\n${modelsTable(trials)}\n\n${page.slice(rest)}`;
}
