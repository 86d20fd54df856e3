import { freemem, platform, totalmem } from "node:os";
import { MassgenError } from "../../../core/errors.ts";
import { sizeInWords } from "../../files/catalogue.ts";

/** Memory that a model needs at the least: its weights and the contexts of its lanes. */
export interface MemoryNeed {
  readonly path: string;
  readonly weightBytes: number;
  readonly contextBytes: number;
}

/** Bytes that can be had now. Memory that holds nothing but files counts as free, also where a container has less than its machine. */
export function freeMemory(): number {
  const limit = process.constrainedMemory();
  const unlimited = limit === 0 || limit >= totalmem();
  const own = unlimited ? Infinity : Math.max(0, limit - process.memoryUsage.rss());
  // macOS names only what nobody uses, and gives away much more.
  return Math.min(platform() === "darwin" ? totalmem() : freemem(), own);
}

/**
 * Refuses a model that cannot fit before any of it is read.
 * @throws MassgenError `model-file` with what it needs and what there is
 */
export function requireMemory({ path, weightBytes, contextBytes }: MemoryNeed, freeBytes: number): void {
  const needed = weightBytes + contextBytes;
  if (needed <= freeBytes) return;
  const parts = `${sizeInWords(weightBytes)} for its weights and ${sizeInWords(contextBytes)} for its context`;
  const message = `The model ${path} needs ${sizeInWords(needed)} of memory, ${parts}, and ${sizeInWords(freeBytes)} are free.`;
  throw new MassgenError("model-file", message, {
    hint: "Take a smaller model, a smaller `context_length`, or close other programs.",
  });
}
