/** How much is told: what happens; each call with its timing as well; its prompt and reply as well. */
export type Verbosity = "normal" | "verbose" | "debug";

/** A line for people. `faint` may be looked past, `warning` not. */
export interface TimelineLine {
  readonly tone: "plain" | "faint" | "warning" | "result";
  readonly text: string;
}
