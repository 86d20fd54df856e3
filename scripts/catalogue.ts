/** `npm run catalogue`: writes what the package llm-zoo says of models to src/models/catalogue/known-models.ts. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rowsOfLlmZoo } from "./rows-of-llm-zoo.ts";

const file = fileURLToPath(new URL("../src/models/catalogue/known-models.ts", import.meta.url));
const text = readFileSync(file, "utf8");
const begin = text.indexOf("export const knownModels");
writeFileSync(
  file,
  `${text.slice(0, begin)}export const knownModels: Readonly<Record<string, KnownModel>> = ${JSON.stringify(rowsOfLlmZoo())};\n`,
);
execFileSync("oxfmt", [file], { stdio: "inherit" });
