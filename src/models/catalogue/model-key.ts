/**
 * What names of one model have in common: `openai/GPT-5.1:free`, `accounts/fireworks/models/glm-4p5` and `models/gemini-2.5-pro` without
 * address, variant and case, with `-` for every other mark.
 */
export function modelKey(model: string): string {
  const name = model.trim().toLowerCase().split("/").at(-1) ?? "";
  return name
    .replace(/[:@].*$/u, "")
    .replaceAll(/(?<=\d)p(?=\d)/gu, "-")
    .replaceAll(/[._ ]/gu, "-");
}

const DATE = /-(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{4})$/u;

/** The key, then what is left of it without what only tells versions of one model apart: a date, `-latest`, `-preview`, `-beta`, `-exp`. */
export function modelKeys(model: string): readonly string[] {
  const keys = [modelKey(model)];
  for (;;) {
    const key = keys.at(-1) ?? "";
    const shorter = key.replace(DATE, "").replace(/-(?:latest|preview|beta|exp|experimental)$/u, "");
    if (shorter === key || shorter === "") return keys;
    keys.push(shorter);
  }
}
