import { someOf } from "../../../core/listed.ts";
import { nearestOf } from "../../../core/nearest.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { failureOf } from "../../failure-of.ts";
import type { EngineServer } from "../engine-server.ts";
import { type Listed, listLmStudio, type LmStudioList } from "./lmstudio-list.ts";

/** A machine that computes may answer late several times in a row. */
const MOST_TRIES = 6;

/** @throws what `failureOf` reads, with the names nearest to one that is not there */
export function findListed({ models }: LmStudioList, name: string, server: EngineServer): Listed {
  const found = models.find(({ model }) => model.id === name);
  if (found !== undefined) return found;
  const names = models.map(({ model }) => model.id);
  const meant = nearestOf(name, names);
  const offered = names.length === 0 ? "it has none" : `it has ${someOf(names)}`;
  const message = `There is no model "${name}"; ${meant === undefined ? offered : `did you mean ${meant}?`}`;
  throw answeredBadly(`${server.origin}/v1/models`, { error: { message } }, 404);
}

/** The list, for work that must not fail because the machine is busy. */
export async function listPatiently(server: EngineServer): Promise<LmStudioList> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listLmStudio(server, new AbortController().signal);
    } catch (error) {
      if (tries >= MOST_TRIES || failureOf(error, server.name, 0).kind !== "timeout") throw error;
    }
  }
}
