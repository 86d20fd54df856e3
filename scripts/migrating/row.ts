/** One thing of MassGen 0.0.7 and what became of it: a row of docs/migrating.md. */
export interface Row {
  /** As people wrote or saw it. */
  readonly what: string;
  /** `same`: works as before. `fixed`: as it was meant. `changed`: something else does the job. */
  readonly now: "same" | "fixed" | "changed";
  /** The fault that is mended, as the facts about 0.0.7 number it. */
  readonly fault?: string;
  /** What is different, why, and what to do; empty where nothing is. */
  readonly note: string;
  /** The test that shows it: its file under `test/` or `src/`, and how its title begins. */
  readonly proof: readonly [file: string, title: string];
}

export interface Chapter {
  readonly title: string;
  readonly rows: readonly Row[];
}

export const same = (what: string, proof: Row["proof"], note = ""): Row => ({ what, now: "same", note, proof });
export const fixed = (what: string, fault: string, note: string, proof: Row["proof"]): Row => ({ what, now: "fixed", fault, note, proof });
export const changed = (what: string, note: string, proof: Row["proof"]): Row => ({ what, now: "changed", note, proof });
