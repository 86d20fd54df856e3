import type { Rung } from "../core/facts/settings.ts";
import type { Experience } from "./experience.ts";

/** A model begins where its ballots could last be read. */
export function rememberedRungs(rungs: readonly Rung[], experience: Experience | undefined): readonly Rung[] {
  const last = experience?.learned.rung;
  const from = last === undefined ? -1 : rungs.indexOf(last);
  return from > 0 ? rungs.slice(from) : rungs;
}
