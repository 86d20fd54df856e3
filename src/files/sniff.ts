import type { AttachmentKind } from "../core/facts/attachment.ts";

/** What a file holds, by its contents: its name may say anything. */
export type Sniffed =
  | { readonly type: "known"; readonly kind: AttachmentKind; readonly mediaType: string; readonly text?: string }
  /** What it seems to be, for a sentence: `a ZIP archive`. */
  | { readonly type: "other"; readonly what: string };

const pictures: Readonly<Record<string, string>> = {
  "image/png": "image/png",
  "image/apng": "image/png",
  "image/jpeg": "image/jpeg",
  "image/gif": "image/gif",
  "image/webp": "image/webp",
};

/** Tells images that models read, PDFs and UTF-8 text from everything else. */
export async function sniff(bytes: Uint8Array): Promise<Sniffed> {
  const { fileTypeFromBuffer } = await import("file-type");
  const found = await fileTypeFromBuffer(bytes);
  const picture = pictures[found?.mime ?? ""];
  if (picture !== undefined) return { type: "known", kind: "image", mediaType: picture };
  if (found?.mime === "application/pdf") return { type: "known", kind: "pdf", mediaType: "application/pdf" };
  const text = decoded(bytes);
  if (text !== undefined) return { type: "known", kind: "text", mediaType: "text/plain", text };
  return { type: "other", what: describe(found, bytes) };
}

function decoded(bytes: Uint8Array): string | undefined {
  if (bytes.some(isNoText)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Zero bytes and the like. Tabs, line breaks, form feeds and the escapes of coloured output are text. */
function isNoText(byte: number): boolean {
  return byte < 0x07 || (byte > 0x0d && byte < 0x1b) || byte === 0x7f;
}

function describe(found: { readonly ext: string; readonly mime: string } | undefined, bytes: Uint8Array): string {
  if (found !== undefined) return `${found.ext.toUpperCase()} (${found.mime})`;
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) return "text in UTF-16";
  return bytes.includes(0) ? "binary data of no kind that is known" : "text that is not UTF-8";
}
