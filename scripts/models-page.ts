/** `node scripts/models-page.ts [FILE.jsonl]`: takes over rows of `massgen engines try`, and writes the table of docs/models.md anew. */
import { readFileSync } from "node:fs";
import { trialSchema } from "../src/models/trial/trial.ts";
import { keepTrials } from "./tried-models.ts";

const files = process.argv.slice(2);
const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
keepTrials(lines.filter((line) => line.trim() !== "").map((line) => trialSchema.parse(JSON.parse(line))));
