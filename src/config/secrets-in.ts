import { isMapping, isSecretName } from "./interpolate.ts";

/** Names under which a config holds secrets; `max_tokens` and `keywords` are none. */
const SECRET_FIELD = /(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|authorization|cookie)$/iu;
/** Headers that say nothing but how to speak. */
const PLAIN_HEADER = /^(?:accept.*|content-.*|user-agent|cache-control|connection|host|origin|referer|mcp-.*)$/iu;
const SCHEME = /^(?:bearer|basic|token)\s+/iu;

/** The texts in a config, or in a part of it, that must never be shown: by the names they stand under, in arguments, headers and addresses. */
export function secretsIn(value: unknown, name = ""): readonly string[] {
  if (typeof value === "string") return SECRET_FIELD.test(name) ? bare(value) : inText(value, name);
  if (Array.isArray(value)) return name === "args" ? inArguments(value.map(String)) : value.flatMap((item) => secretsIn(item, name));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (typeof item !== "string") return secretsIn(item, key);
    if (name === "headers") return PLAIN_HEADER.test(key) ? [] : bare(item);
    return name === "env" && isSecretName(key) ? [item] : secretsIn(item, key);
  });
}

function inText(text: string, name: string): readonly string[] {
  return name === "command" ? inArguments(text.split(/\s+/u)) : inAddresses(text);
}

/** `--token X`, `--api-key=X`, `GITHUB_TOKEN=X`, `Authorization: Bearer X`. */
function inArguments(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    const before = words[index - 1] ?? "";
    const isValue = /^--?[\w-]+$/u.test(before) && isSecretName(before) && !word.startsWith("-");
    return isValue ? [word] : (assigned(word) ?? inHeader(word) ?? inAddresses(word));
  });
}

function assigned(word: string): readonly string[] | undefined {
  const [, name = "", value = ""] = /^-{0,2}([\w-]+)=(.+)$/su.exec(word) ?? [];
  return isSecretName(name) ? [value] : undefined;
}

function inHeader(word: string): readonly string[] | undefined {
  const [, name = "", value = ""] = /^(?:--header=)?([\w-]+):\s*([^\s/].*)$/su.exec(word) ?? [];
  return SECRET_FIELD.test(name) || SCHEME.test(value) ? bare(value) : undefined;
}

/** The password before a host, and what of a query is named like a secret. */
function inAddresses(text: string): readonly string[] {
  const url = /^\w[\w+.-]*:\/\//u.test(text) ? URL.parse(text) : null;
  if (url === null) return [];
  const asked = [...url.searchParams].flatMap(([name, value]) => (isSecretName(name) || /^sig/iu.test(name) ? [value] : []));
  return [...(url.password === "" ? [] : [url.password, decoded(url.password)]), ...asked];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** With and without the scheme of an authorization. */
function bare(text: string): readonly string[] {
  return [...new Set([text, text.replace(SCHEME, "")])];
}
