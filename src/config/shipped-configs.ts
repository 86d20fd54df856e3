import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Councils that come with massgen, as files people can copy: those for models of this machine, those that MassGen 0.0.7 had, by its names, and
 * files to start from, by task and by backend.
 */
const folders = { presets: join(ROOT, "presets"), configs: join(ROOT, "configs"), templates: join(ROOT, "templates") } as const;

export interface ShippedConfig {
  readonly name: string;
  readonly path: string;
  readonly kind: keyof typeof folders;
}

export function shippedConfigs(): readonly ShippedConfig[] {
  return Object.entries(folders).flatMap(([kind, folder]) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".yaml"))
      .toSorted()
      .map((file) => ({ name: file.slice(0, -".yaml".length), path: join(folder, file), kind: kind as keyof typeof folders })),
  );
}

/** The templates that are about what somebody wants to do. */
const tasks = new Set(["research", "coding", "creative", "travel", "news", "technical"]);

/** What `massgen init` can start from: by task, by backend, by memory. */
export function templates(): readonly ShippedConfig[] {
  const order = ({ kind, name }: ShippedConfig): number => (kind === "presets" ? 2 : tasks.has(name) ? 0 : 1);
  return shippedConfigs()
    .filter(({ kind }) => kind !== "configs")
    .toSorted((one, other) => order(one) - order(other));
}

/** The one of this name, also where a path in front or a suffix behind says more. */
export function shippedFile(given: string): ShippedConfig | undefined {
  const name = basename(given).replace(/\.(ya?ml|json)$/iu, "");
  return shippedConfigs().find((config) => config.name === name);
}

export function presetNames(): readonly string[] {
  return shippedConfigs().flatMap(({ name, kind }) => (kind === "presets" ? [name] : []));
}
