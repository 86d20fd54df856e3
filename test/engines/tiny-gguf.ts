/** What a header is made of; arrays are lists of texts or of 32-bit numbers. */
export type HeaderValue = string | number | readonly string[] | readonly number[];

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

function valueBytes(value: HeaderValue): Buffer {
  if (typeof value === "string") return Buffer.concat([u32(8), text(value)]);
  if (typeof value === "number") return Buffer.concat([u32(4), u32(value)]);
  const texts = typeof value[0] === "string";
  const items = value.map((item) => (typeof item === "string" ? text(item) : u32(item)));
  return Buffer.concat([u32(9), u32(texts ? 8 : 4), u64(value.length), ...items]);
}

/** A file with a true GGUF header and no weights: enough for all that looks at files without loading them. */
export function tinyGguf(header: Readonly<Record<string, HeaderValue>> = { "general.architecture": "llama" }, padding = 0): Buffer {
  const pairs = Object.entries(header).map(([key, value]) => Buffer.concat([text(key), valueBytes(value)]));
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(pairs.length), ...pairs, Buffer.alloc(padding, 7)]);
}
