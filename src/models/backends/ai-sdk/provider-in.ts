import { MassgenError } from "../../../core/errors.ts";
import { listed } from "../../../core/listed.ts";

/** What a provider package's factory is given. */
export type ProviderSettings = Readonly<Record<string, unknown>>;

type Create = (settings: ProviderSettings) => unknown;

/**
 * The provider of a loaded package, made by its `create…` function.
 * @param exported the export to use where the package has several
 * @throws MassgenError `config` where there is none, or no telling which
 */
export function providerIn(
  loaded: Loaded,
  { name, exported }: { name: string; exported?: string | undefined },
  settings: ProviderSettings,
): unknown {
  const exports = { ...(isObject(loaded.default) ? loaded.default : {}), ...loaded };
  if (exported !== undefined) return named(exports, { name, exported }, settings);
  const factories = Object.entries(exports).filter((entry): entry is [string, Create] => isFactory(entry));
  const create = chosen(factories, name);
  if (create !== undefined) return create(settings);
  throw new MassgenError(
    "config",
    `The package ${name} has ${factories.length === 0 ? "no create… function" : "several create… functions"}.`,
    {
      hint:
        factories.length === 0
          ? "It is no provider of the AI SDK, or provider_export must name what it exports as one."
          : `provider_export says which: ${listed(factories.map(([name]) => name))}.`,
    },
  );
}

export type Loaded = Readonly<Record<string, unknown>>;

function named(exports: Loaded, { name, exported }: { name: string; exported: string }, settings: ProviderSettings): unknown {
  const found = exports[exported];
  if (found === undefined) {
    throw new MassgenError("config", `The package ${name} exports no ${exported}.`, {
      hint: `It exports ${listed(Object.keys(exports))}.`,
    });
  }
  return isFactory([exported, found]) ? (found as Create)(settings) : found;
}

function isFactory([name, value]: readonly [string, unknown]): boolean {
  return typeof value === "function" && /^create[A-Z]/u.test(name);
}

/** The only one; else the one that is called like the package. */
function chosen(factories: readonly (readonly [string, Create])[], packageName: string): Create | undefined {
  const different = [...new Set(factories.map(([, create]) => create))];
  if (different.length === 1) return different[0];
  const like = packageName.replaceAll(/[^a-z0-9]/gu, "");
  const alike = factories.filter(([name]) => like.includes(name.slice("create".length).toLowerCase()));
  return alike.toSorted(([one], [other]) => other.length - one.length)[0]?.[1];
}

function isObject(value: unknown): value is Loaded {
  return typeof value === "object" && value !== null;
}
