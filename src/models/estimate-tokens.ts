/** UTF-8 bytes that one token stands for where nobody counted. */
export const BYTES_PER_TOKEN = 4;

/** Tokens of a text nobody counted: its UTF-8 bytes / 4, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
