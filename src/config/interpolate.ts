import type { Path } from "./yaml-source.ts";

/** Which variables with addresses of servers come out of a `.env` file. */
export const ADDRESSES_OF_FILES = Symbol("addresses of files");

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>> & { readonly [ADDRESSES_OF_FILES]?: readonly string[] };

export interface Interpolated {
  readonly value: unknown;
  /** Variables that are not set, with where they are asked for. */
  readonly missing: readonly { readonly variable: string; readonly path: Path }[];
  /** What came from variables whose name says that it is secret. */
  readonly secrets: readonly string[];
}

const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|PASSWD|PASSPHRASE|(?:^|[_-])(?:PAT|PASS|AUTH|DSN|COOKIE)(?:$|[_-])/i;

/** Puts variables into all texts of `value`: `${NAME}`, `${NAME:-default}` (also where it is empty); `$${` stands for a plain `${`. */
export function interpolate(value: unknown, environment: Environment): Interpolated {
  const missing: { readonly variable: string; readonly path: Path }[] = [];
  const secrets: string[] = [];

  const fill = (text: string, path: Path): string =>
    text.replaceAll(REFERENCE, (whole: string, variable: string | undefined, fallback: string | undefined) => {
      if (variable === undefined) return "${";
      const set = environment[variable];
      if (set === undefined && fallback === undefined) {
        missing.push({ variable, path });
        return whole;
      }
      const filled = (fallback === undefined ? set : set || fallback) ?? "";
      if (filled !== "" && isSecretName(variable)) secrets.push(filled);
      return filled;
    });

  const walk = (inside: unknown, path: Path): unknown => {
    if (typeof inside === "string") return fill(inside, path);
    if (Array.isArray(inside)) return inside.map((item, index) => walk(item, [...path, index]));
    if (!isMapping(inside)) return inside;
    return Object.fromEntries(Object.entries(inside).map(([key, item]) => [key, walk(item, [...path, key])]));
  };

  return { value: walk(value, []), missing, secrets };
}

/** Whether a variable, or a key of a config, is named as if it held a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
