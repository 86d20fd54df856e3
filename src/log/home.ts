import { chmodSync, statSync } from "node:fs";
import { posix, win32 } from "node:path";

/** Where things are kept. All paths are absolute as long as the home folder given is. */
export interface HomeFolders {
  readonly data: string;
  readonly cache: string;
  readonly config: string;
  /** The SQLite file of all runs. */
  readonly log: string;
  /** The contents of attached files. */
  readonly blobs: string;
  /** Model files. */
  readonly models: string;
  /** Engines added by `massgen engines add`. */
  readonly engines: string;
  /** Working copies of agents, a folder for each run that is under way. */
  readonly workspaces: string;
  /** The JSON file of what was learned of models on this machine. */
  readonly experience: string;
}

/**
 * `MASSGEN_HOME` (relative to the current folder) holds everything; else the XDG folders, on Windows `LOCALAPPDATA` and `APPDATA`.
 * As XDG asks, a variable that is no absolute path counts as not set.
 */
export function homeFolders(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  userHome: string,
): HomeFolders {
  const path = platform === "win32" ? win32 : posix;
  const named = (variable: string, fallback: string): string => {
    const value = environment[variable] ?? "";
    return path.isAbsolute(value) ? value : fallback;
  };
  const roots = (): Pick<HomeFolders, "data" | "cache" | "config"> => {
    const own = environment["MASSGEN_HOME"];
    if (own !== undefined && own !== "") {
      return { data: path.resolve(own, "data"), cache: path.resolve(own, "cache"), config: path.resolve(own, "config") };
    }
    if (platform === "win32") {
      const local = named("LOCALAPPDATA", path.join(userHome, "AppData", "Local"));
      const roaming = named("APPDATA", path.join(userHome, "AppData", "Roaming"));
      return {
        data: path.join(local, "massgen", "data"),
        cache: path.join(local, "massgen", "cache"),
        config: path.join(roaming, "massgen"),
      };
    }
    return {
      data: path.join(named("XDG_DATA_HOME", path.join(userHome, ".local", "share")), "massgen"),
      cache: path.join(named("XDG_CACHE_HOME", path.join(userHome, ".cache")), "massgen"),
      config: path.join(named("XDG_CONFIG_HOME", path.join(userHome, ".config")), "massgen"),
    };
  };
  const { data, cache, config } = roots();
  return {
    data,
    cache,
    config,
    log: path.join(data, "runs.db"),
    blobs: path.join(data, "blobs"),
    models: path.join(cache, "models"),
    engines: path.join(data, "engines"),
    workspaces: path.join(data, "workspaces"),
    experience: path.join(data, "experience.json"),
  };
}

/** Leaves what belongs to somebody else, and systems without such rights, as they are. */
export function tightenTo(path: string, mode: number): void {
  const { uid, mode: current } = statSync(path);
  if (uid === process.getuid?.() && (current & 0o077) !== 0) chmodSync(path, mode);
}
