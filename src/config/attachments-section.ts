import { dirname, isAbsolute, join } from "node:path";
import type { Diagnostics } from "./diagnostics.ts";

/** A file that a config attaches to every question. */
export interface AttachedPath {
  readonly path: string;
  /** Where it is written: `council.yaml:3:5`. */
  readonly place: string;
}

/** Reads `attachments`, one path or a list. A relative one begins at the file it is written in. */
export function readAttachments(config: Readonly<Record<string, unknown>>, diagnostics: Diagnostics): readonly AttachedPath[] {
  const { attachments } = config;
  if (attachments === undefined) return [];
  const isList = Array.isArray(attachments);
  const values: readonly unknown[] = isList ? attachments : [attachments];
  return values.flatMap((value, index) => {
    const path = isList ? ["attachments", index] : ["attachments"];
    if (typeof value === "string" && value.trim() !== "") {
      return [{ path: fromFile(value.trim(), diagnostics.fileOf(path)), place: diagnostics.placeOf(path) }];
    }
    diagnostics.error(path, "attachments must be the path of a file, or a list of such paths.");
    return [];
  });
}

function fromFile(path: string, file: string): string {
  return isAbsolute(path) || /^~[/\\]/u.test(path) ? path : join(dirname(file), path);
}
