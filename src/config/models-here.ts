import { MassgenError } from "../core/errors.ts";
import { nearestOf } from "../core/nearest.ts";
import { findInCatalogue } from "../models/files/catalogue.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { modelNamed } from "./model-of-engine.ts";
import { type Found, orSentence, whyNot } from "./look-at-address.ts";

/** An engine with what it has. `problem` says why its models could not be read. */
export interface Listing {
  readonly found: Found;
  readonly models: readonly EngineModel[];
  readonly problem?: string;
}

/** All engines at once. At a usual port nothing need run; every other trouble is told. */
export async function modelsOf(found: readonly Found[], signal: AbortSignal): Promise<readonly Listing[]> {
  const listings = await Promise.all(
    found.map(async (one): Promise<readonly Listing[]> => {
      if (one.probe.type === "down" && one.engine !== undefined && one.engine.kind !== "embedded") return [];
      const problem = one.engine?.kind === "embedded" ? undefined : whyNot(one);
      if (problem !== undefined || one.engine === undefined) return [{ found: one, models: [], ...(problem && { problem }) }];
      const listed = await orSentence(one.engine, one.engine.models(signal));
      return [
        "value" in listed
          ? { found: one, models: listed.value }
          : { found: one, models: [], problem: listed.sentence.replace(/\.?$/u, ".") },
      ];
    }),
  );
  return listings.flat();
}

/** A model with the engine that has it. */
export interface Place {
  readonly engine: Engine;
  readonly model: EngineModel;
}

/**
 * The one engine that has the model somebody named.
 * @throws MassgenError `config` where none has it (with the nearest name), or several
 */
export function placeOfModel(name: string, listings: readonly Listing[]): Place {
  const places = listings.flatMap(({ found: { engine }, models }) => {
    const model = engine === undefined ? undefined : (modelNamed(name, models) ?? models.find((one) => isFileOf(one, name)));
    return engine === undefined || model === undefined ? [] : [{ engine, model }];
  });
  const [first, second] = places;
  if (first === undefined) throw nowhere(name, listings);
  if (second === undefined) return first;
  const kinds = places.map(({ engine }) => engine.kind);
  const choices = places.map(
    ({ engine }, at) =>
      `--engine ${kinds.indexOf(engine.kind) === at && kinds.lastIndexOf(engine.kind) === at ? engine.kind : engine.origin}`,
  );
  throw new MassgenError("config", `Several engines have ${name}: ${places.map(({ engine }) => engine.name).join(" and ")}.`, {
    hint: `Say which: ${choices.join(" or ")}.`,
  });
}

/** Model files are known by their name, that of the catalogue, or their file name. */
function isFileOf({ id }: EngineModel, name: string): boolean {
  const bare = (file: string): string => file.toLowerCase().replace(/\.gguf$/u, "");
  const known = findInCatalogue(name)?.file;
  return bare(id) === bare(name) || (known !== undefined && bare(id) === bare(known));
}

function nowhere(name: string, listings: readonly Listing[]): MassgenError {
  const names = listings.flatMap(({ models }) => models.map(({ id }) => id));
  const problems = listings.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  const meant = nearestOf(name, names);
  const hints = [meant === undefined ? "massgen models list shows what there is." : `Did you mean ${meant}?`, ...problems];
  return new MassgenError("config", `No engine on this machine has a model "${name}".`, { hint: hints.join("\n") });
}
