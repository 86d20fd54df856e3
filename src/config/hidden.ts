import { isMapping, isSecretName } from "./interpolate.ts";

const HIDDEN = "(hidden)";
/** What is shorter is a part of too many words: under its own name it is hidden all the same. */
const SHORTEST_SECRET = 4;

/** A value as it may be shown: without the secrets, and without texts under names that say they are secret. */
export function hidden(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string")
    return secrets.reduce((text, secret) => (secret.length < SHORTEST_SECRET ? text : text.replaceAll(secret, HIDDEN)), value);
  if (Array.isArray(value)) return value.map((item) => hidden(item, secrets));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key) && typeof item === "string" ? HIDDEN : hidden(item, secrets)]),
  );
}

/** Of a setting or of a header of a request. */
export function isSecretKey(key: string): boolean {
  return isSecretName(key) || /^(proxy-)?authorization$|^cookie$/iu.test(key);
}
