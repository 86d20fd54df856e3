import type { Finish } from "../../../src/core/facts/outcome.ts";
import type { BallotForm } from "../../../src/core/messages.ts";

/** What came from the model. A call's `input` is JSON text as engines send it. */
export interface Came {
  readonly text?: string;
  readonly reasoning?: string;
  readonly calls?: readonly { readonly id?: string; readonly name?: string; readonly input: string }[];
  readonly finish?: Exclude<Finish, "cut">;
}

/** One ballot of the corpus, with what a careful person reads in it: a choice, or why it is none. */
export interface Entry extends Came {
  readonly name: string;
  /** One of the formats of local-engines.md 7.3 and its relatives. */
  readonly format: string;
  /** `recorded FILE` or `reconstructed MODEL OR HABIT`. */
  readonly source: string;
  readonly labels: readonly string[];
  readonly mayImprove: boolean;
  readonly rung: BallotForm["rung"];
  readonly expected: string;
}

type Group = Pick<Entry, "format" | "source"> & Partial<Pick<Entry, "labels" | "mayImprove" | "rung">>;

/** Ballots that came the same way; labels `A` to `D` on the rung `text` where nothing else is said. */
export function group(common: Group, ballots: readonly (readonly [came: string | Came, expected: string])[]): readonly Entry[] {
  return ballots.map(([came, expected], index) => ({
    name: `${common.format} ${index + 1}: ${common.source}`,
    labels: ["A", "B", "C", "D"],
    mayImprove: true,
    rung: "text",
    ...common,
    ...(typeof came === "string" ? { text: came } : came),
    expected,
  }));
}
