import type { Failure } from "../core/facts/outcome.ts";

/** What a remedy is against: a kind of failure, or something that several kinds have in common. */
export type Trouble = Failure["kind"] | "tools" | "web-page" | "path" | "images" | "image-type" | "too-large";

/** What a person can do about trouble at one place, as the rest of a sentence: `start it with ollama serve`. */
export type Remedies = Readonly<Partial<Record<Trouble, string>>>;

/** Where nothing is known of the place. */
export const USUAL_REMEDIES: Remedies = {
  "not-running": "is it running?",
  images: "take one that sees, or say so in its backend: accepts: []",
  "image-type": "save it as PNG or JPEG",
  "too-large": "scale the images down, or attach less",
};

/** A failure whose message is what happened, and what else there is to say of it. */
export interface Told extends Failure {
  /** The server's own words. */
  readonly quote?: string;
  /** What its remedy is against, where that is not its kind. */
  readonly about?: Trouble;
}

/** One sentence: what happened, what to do, then the server's own words. What ends otherwise than with a full stop brought its own remedy. */
export function advised({ quote = "", about, ...failure }: Told, remedies: Remedies): Failure {
  const { message, kind } = failure;
  if (!message.endsWith(".")) return failure;
  const remedy = remedies[about ?? kind] ?? (about === "path" ? remedies[kind] : undefined);
  const parts = [message.slice(0, -1), ...(remedy === undefined ? [] : [remedy])].join(quote === "" ? ": " : "; ");
  if (quote !== "") return { ...failure, message: `${parts}: ${quote}` };
  return { ...failure, message: parts.endsWith("?") ? parts : `${parts}.` };
}
