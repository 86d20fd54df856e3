/*
 * No text makes these slow: each begins at the beginning of a word, and no repetition is followed by what it could
 * have taken itself, or else it is bounded.
 */

const wordStart = String.raw`(?<![\w-])`;

/** Keys of clouds and code hosts by what they begin with, and JSON web tokens. */
const keys = new RegExp(
  wordStart +
    "(?:" +
    [
      String.raw`sk-[\w-]{8,}`,
      String.raw`AIza[\w-]{16,}`,
      String.raw`(?:xai|nvapi|csk|pplx|glpat)-[\w-]{16,}`,
      String.raw`(?:gsk|hf|r8|gh[pousr]|github_pat)_\w{16,}`,
      String.raw`(?:AKIA|ASIA)[0-9A-Z]{12,}`,
      String.raw`eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?`,
    ].join("|") +
    ")",
  "g",
);

/** What precedes a key: it stays, the value after it goes. */
const named = new RegExp(
  [
    // A word such as "authentication" is no token: those have a digit or are longer.
    String.raw`(?<scheme>\b(?:bearer|basic)\s{1,8})(?=[^\s"']{0,15}\d|[^\s"']{16})[^\s"',;]+`,
    String.raw`(?<name>(?:api[_-]?key|access[_-]?token|auth[_-]?token|secret[_-]?key|client[_-]?secret|password)\\?["']?\s{0,8}[=:]\s{0,8}\\?["']?)(?!\[secret\])[^\s"'\\&,;)}\]]{4,}`,
    String.raw`(?<query>[?&](?:key|token|secret|sig|signature)=)[^\s"'&#]+`,
    String.raw`:\/\/[^\s/@"']{1,512}@`,
  ].join("|"),
  "gi",
);

/** Takes out of an error text whatever looks like a key, a token or a password. */
export function redactKeyPatterns(text: string): string {
  return text.replace(keys, "[secret]").replace(named, (whole, ...found) => {
    const { scheme, name, query } = found.at(-1) as Readonly<Record<string, string | undefined>>;
    return whole.startsWith("://") ? "://[secret]@" : `${scheme ?? name ?? query ?? ""}[secret]`;
  });
}
