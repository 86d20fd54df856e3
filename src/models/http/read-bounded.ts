import type { ReadableStreamDefaultReader } from "node:stream/web";

/**
 * Text of a body, no more than `longest` bytes of it; the rest is not read.
 * @param head what was read of it before
 */
export async function readBounded(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  longest: number,
  head: readonly Uint8Array[] = [],
): Promise<string> {
  const chunks = [...head];
  let size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  while (size <= longest) {
    const { done, value } = await reader.read();
    if (done) return new TextDecoder().decode(Buffer.concat(chunks));
    chunks.push(value);
    size += value.length;
  }
  reader.cancel().catch(() => {});
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, longest));
}
