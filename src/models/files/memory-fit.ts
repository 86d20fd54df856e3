import { catalogue, sizeInWords, toyModel, type CatalogueModel } from "./catalogue.ts";

/** A machine of "8 GB" reports somewhat less. */
const TOLERANCE = 0.9;

/** The largest model of the catalogue that a machine with this much memory carries. */
export function largestFitting(memoryBytes: number, models: readonly CatalogueModel[] = catalogue): CatalogueModel | undefined {
  return models.findLast((model) => model.memoryBytes * TOLERANCE <= memoryBytes);
}

/** What to tell somebody whose council runs on the toy model; nothing where the machine carries no better one. */
export function betterModelHint(memoryBytes: number): string | undefined {
  const better = largestFitting(memoryBytes);
  if (better === undefined || better.name === toyModel) return undefined;
  return `${toyModel} is a toy: it shows how a council works, not good answers. This machine's memory would carry ${better.name} (${sizeInWords(better.bytes)}): massgen models pull ${better.name}`;
}
