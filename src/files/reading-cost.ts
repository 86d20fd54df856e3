import { estimatedTokens } from "../core/prompts/estimated-tokens.ts";
import type { Sniffed } from "./sniff.ts";

/** An image, whatever its size: providers scale larger ones down to about 1,600 tokens, and few local models take more. */
const IMAGE_TOKENS = 1_600;
/** Text and picture of a page, as providers that read PDFs count them. */
const PAGE_TOKENS = 2_000;
/** Of a PDF whose pages cannot be counted without unpacking it. */
const PAGE_BYTES = 50_000;

/** Tokens that a file takes in a prompt, by rule of thumb: what a model really takes for an image or a page differs widely. */
export function readingCost({ kind, text = "" }: Pick<Extract<Sniffed, { type: "known" }>, "kind" | "text">, bytes: Uint8Array): number {
  if (kind === "text") return estimatedTokens(text);
  return kind === "image" ? IMAGE_TOKENS : pagesOf(bytes) * PAGE_TOKENS;
}

function pagesOf(bytes: Uint8Array): number {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const pages = [...source.matchAll(/\/Type\s*\/Page(?![A-Za-z])/gu)].length;
  const told = [...source.matchAll(/\/Type\s*\/Pages\b[^>]{0,200}?\/Count\s+(\d{1,6})/gu)].map(([, count]) => Number(count));
  return Math.max(pages, ...told) || Math.ceil(bytes.length / PAGE_BYTES);
}
