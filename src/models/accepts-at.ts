import type { Accepts } from "../core/facts/attachment.ts";

const [PNG, JPEG, GIF, WEBP] = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

/** What is read by engines and clouds that do not read all four. The rest they refuse or, worse, drop without a word: LM Studio with WebP. */
const readBy: Readonly<Record<string, readonly string[]>> = {
  llamacpp: [PNG, JPEG, GIF],
  lmstudio: [PNG, JPEG],
  ollama: [PNG, JPEG],
  gemini: [PNG, JPEG, WEBP],
  google: [PNG, JPEG, WEBP],
  grok: [PNG, JPEG],
  xai: [PNG, JPEG],
  zai: [PNG, JPEG],
};

/**
 * What a model can be sent at a place that reads some types of images alone.
 * @param place the kind of an engine, the type of a backend, or the vendor as a package names it
 */
export function acceptsAt(place: string | undefined, accepts: Accepts): Accepts {
  const imageTypes = place === undefined || !Object.hasOwn(readBy, place) ? undefined : readBy[place];
  return accepts.images && imageTypes !== undefined ? { ...accepts, imageTypes } : accepts;
}
