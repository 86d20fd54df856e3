import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** An installed package. */
export interface InstalledPackage {
  readonly version: string;
  /** The file that `import` loads. */
  readonly entry: URL;
  /** Where it was looked for and found, or a folder above. */
  readonly from: string;
}

/** Names as npm has them. Paths, addresses and Node's own modules are none. */
export function isPackageName(name: string): boolean {
  return /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/u.test(name);
}

/** The package as `import` would find it from the first of the folders that has it; nothing is loaded. */
export function findPackage(name: string, folders: readonly string[]): InstalledPackage | undefined {
  if (!isPackageName(name)) return undefined;
  for (const from of folders) {
    const folder = foldersAbove(from)
      .map((above) => join(above, "node_modules", name))
      .find((each) => existsSync(join(each, "package.json")));
    if (folder === undefined) continue;
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    return { version: manifest.version ?? "", entry: pathToFileURL(join(folder, entryOf(manifest))), from };
  }
  return undefined;
}

interface Manifest {
  readonly version?: string;
  readonly main?: string;
  readonly exports?: unknown;
}

function foldersAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

/** By the conditions under which Node imports a package. */
function entryOf({ exports, main = "index.js" }: Manifest): string {
  const root = isMapping(exports) && "." in exports ? exports["."] : exports;
  return conditional(root) ?? main;
}

function conditional(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (!isMapping(target)) return undefined;
  const entries = Object.entries(target).filter(([condition]) => ["node", "import", "module-sync", "default"].includes(condition));
  return entries.map(([, value]) => conditional(value)).find((found) => found !== undefined);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
