import { nearest } from "../core/nearest.ts";

/** ` Did you mean "resume"?`, to be put behind a sentence; empty when nothing is near. */
export function suggest(word: string, names: Iterable<string>): string {
  const meant = nearest(word, names);
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}
