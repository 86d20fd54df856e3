/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: "" | "x" | "%" | "s" | "ms" | "us" | "MB" | "tokens";
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
  /** What else there is to know about it. */
  readonly note?: string;
}

/** A part of the bench: measures what it is about and says what came out. */
export type Group = () => Promise<readonly Row[]>;

/** A line that says why there is nothing to say. */
export function skipped(what: string, reason: string): Row {
  return { what: `${what}: skipped, ${reason}`, value: 0, unit: "" };
}

export type Verdict = "ok" | "over" | "";

export function verdictOf({ value, goal }: Row): Verdict {
  if (goal === undefined) return "";
  const met = "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
  return met ? "ok" : "over";
}

export function measuredText({ value, unit }: Row): string {
  return quantity(value, unit);
}

export function goalText({ goal, unit }: Row): string {
  if (goal === undefined) return "";
  return "atMost" in goal ? `at most ${quantity(goal.atMost, unit)}` : `at least ${quantity(goal.atLeast, unit)}`;
}

function quantity(value: number, unit: Row["unit"]): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const figure = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (unit === "") return figure;
  return unit === "x" ? `${figure}x` : `${figure} ${unit}`;
}
