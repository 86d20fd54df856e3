import { estimatedTokens } from "../core/prompts/estimated-tokens.ts";
import { imageSize } from "./image-size.ts";
import type { Sniffed } from "./sniff.ts";

/** Pixels that cost a token, and the longest side an image keeps: what is larger is scaled down by most providers. */
const PIXELS_PER_TOKEN = 750;
const LONGEST_SIDE = 1_568;
/** Small images cost something too; of an image whose size cannot be told the most is assumed. */
const FEWEST_IMAGE_TOKENS = 85;
const MOST_IMAGE_TOKENS = 1_600;
/** Text and picture of a page, as providers that read PDFs count them at least: what may just fit is tried. */
const PAGE_TOKENS = 1_500;
/** Of a PDF whose pages cannot be counted without unpacking it. */
const PAGE_BYTES = 50_000;

/** Tokens that a file takes in a prompt, by rule of thumb: what a model really takes for an image or a page differs widely. */
export function readingCost({ kind, mediaType, text = "" }: Extract<Sniffed, { type: "known" }>, bytes: Uint8Array): number {
  if (kind === "text") return estimatedTokens(text);
  return kind === "image" ? imageTokens(bytes, mediaType) : pagesOf(bytes) * PAGE_TOKENS;
}

function imageTokens(bytes: Uint8Array, mediaType: string): number {
  const size = imageSize(bytes, mediaType);
  if (size === undefined) return MOST_IMAGE_TOKENS;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(size.width, size.height));
  const tokens = Math.ceil((size.width * scale * size.height * scale) / PIXELS_PER_TOKEN);
  return Math.min(MOST_IMAGE_TOKENS, Math.max(FEWEST_IMAGE_TOKENS, tokens));
}

function pagesOf(bytes: Uint8Array): number {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const pages = [...source.matchAll(/\/Type\s*\/Page(?![A-Za-z])/gu)].length;
  const told = [...source.matchAll(/\/Type\s*\/Pages\b[^>]{0,4000}?\/Count\s+(\d{1,6})\b/gu)].map(([, count]) => Number(count));
  return Math.max(pages, ...told) || Math.ceil(bytes.length / PAGE_BYTES);
}
