import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskTrouble } from "./log-trouble.ts";
import { makeFolder } from "./make-folder.ts";

/** Contents of files, kept under what they are: the same contents are there once. */
export interface Blobs {
  /** @returns the id: the SHA-256 of the contents, in hex. Throws `disk` when they cannot be kept. */
  put(bytes: Uint8Array): string;
  /** Undefined where they are not there, or are not any more what was put there. */
  read(id: string): Uint8Array | undefined;
}

/** Nothing of it outlives the process. */
export function createMemoryBlobs(): Blobs {
  const kept = new Map<string, Uint8Array>();
  return {
    put(bytes) {
      const id = blobId(bytes);
      kept.set(id, bytes);
      return id;
    },
    read: (id) => kept.get(id),
  };
}

/** A file each in a folder that only this user may read. What was read or written once is held in memory: each call of a run needs it. */
export function createFolderBlobs(folder: string): Blobs {
  const held = createMemoryBlobs();
  return {
    put(bytes) {
      const id = held.put(bytes);
      const path = join(folder, id);
      try {
        if (statSync(path, { throwIfNoEntry: false })?.size !== bytes.length) write(folder, path, bytes);
      } catch (error) {
        throw diskTrouble(path, error) ?? error;
      }
      return id;
    },
    read(id) {
      const known = held.read(id);
      if (known !== undefined) return known;
      const bytes = contentsOf(join(folder, id));
      return bytes !== undefined && held.put(bytes) === id ? bytes : undefined;
    },
  };
}

export function blobId(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** In one step, so that nobody ever reads half of it. */
function write(folder: string, path: string, bytes: Uint8Array): void {
  makeFolder(folder);
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, bytes, { mode: 0o600 });
    renameSync(draft, path);
  } finally {
    if (existsSync(draft)) rmSync(draft, { force: true });
  }
}

function contentsOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw diskTrouble(path, error) ?? error;
  }
}
