/** `unknown` is what was cut off or could not be seen: neither well nor ill. */
export type Status = "ok" | "warning" | "failed" | "unknown";

/** How a server was found. */
export type State = "ready" | "loading" | "down" | "refused" | "other" | "unknown";

/** What came of one look at one thing. */
export interface Finding {
  readonly status: Status;
  /** A sentence or the rest of one that begins with the target. */
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Of servers alone. */
  readonly state?: State;
}

export const sections = ["machine", "engines", "backends", "keys", "memory"] as const;

/** A finding with what was looked at, and how long that took in milliseconds. */
export interface Check extends Finding {
  readonly section: (typeof sections)[number];
  /** The kind of check, in a word: `engine`, `disk`. */
  readonly check: string;
  readonly target: string;
  readonly ms: number;
}

type Head = Pick<Check, "section" | "check" | "target">;

/** Times a look. What it throws is a bug, not a finding. */
export async function timed(head: Head, now: () => number, look: () => Promise<Finding> | Finding): Promise<Check> {
  const begun = now();
  const finding = await look();
  return { ...head, ...finding, ms: Math.round(now() - begun) };
}
