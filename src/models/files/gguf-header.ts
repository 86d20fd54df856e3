import { closeSync, openSync, readSync } from "node:fs";

/** What a GGUF file says about itself before its weights. */
export interface GgufHeader {
  readonly architecture: string;
  /** Tokens the model was trained on. */
  readonly contextTokens?: number;
  /** Bytes that one token of context takes in memory, at 16 bits a value; an upper bound for models with sliding windows. */
  readonly contextBytesPerToken?: number;
  /** How its weights are stored: `Q4_K_M`. */
  readonly quantization?: string;
  readonly chatTemplate?: string;
}

/** Thrown for bytes that are no GGUF header; `message` says what was found instead. */
export class NotGgufError extends Error {
  override readonly name = "NotGgufError";
}

const MAGIC = "GGUF";
const CHUNK_BYTES = 1 << 20;
const STRING = 8;
const ARRAY = 9;
/** Bytes of each scalar type, by its number in the file format; strings and arrays have none. */
const SCALAR_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8] as const;

type Value = string | number | readonly number[] | undefined;

/** Reads forward through a file, one chunk in memory at a time. */
class Reader {
  private readonly file: number;
  private chunk = Buffer.alloc(0);
  private chunkStart = 0;
  private position = 0;

  constructor(file: number) {
    this.file = file;
  }

  take(bytes: number): Buffer {
    const from = this.position - this.chunkStart;
    if (from < 0 || from + bytes > this.chunk.length) this.load(bytes);
    const start = this.position - this.chunkStart;
    this.position += bytes;
    return this.chunk.subarray(start, start + bytes);
  }

  skip(bytes: number): void {
    this.position += bytes;
  }

  unsigned32(): number {
    return this.take(4).readUInt32LE();
  }

  unsigned64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  text(): string {
    return this.take(this.unsigned64()).toString("utf8");
  }

  private load(bytes: number): void {
    if (bytes > 64 * CHUNK_BYTES) throw new NotGgufError("its header is damaged");
    const chunk = Buffer.alloc(Math.max(bytes, CHUNK_BYTES));
    const read = readSync(this.file, chunk, 0, chunk.length, this.position);
    if (read < bytes) throw new NotGgufError("it ends within its header");
    this.chunk = chunk.subarray(0, read);
    this.chunkStart = this.position;
  }
}

function scalar(reader: Reader, type: number): number {
  const bytes = reader.take(SCALAR_BYTES[type] ?? 0);
  switch (type) {
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 10:
      return Number(bytes.readBigUInt64LE());
    case 11:
      return Number(bytes.readBigInt64LE());
    default:
      return bytes.readUIntLE(0, Math.min(bytes.length, 6));
  }
}

function array(reader: Reader): Value {
  const type = reader.unsigned32();
  const length = reader.unsigned64();
  if (type === STRING) {
    for (let at = 0; at < length; at += 1) reader.skip(reader.unsigned64());
    return undefined;
  }
  const size = SCALAR_BYTES[type];
  if (size === undefined || size === 0) throw new NotGgufError("its header is damaged");
  if (length <= 4096) return Array.from({ length }, () => scalar(reader, type));
  reader.skip(size * length);
  return undefined;
}

function value(reader: Reader): Value {
  const type = reader.unsigned32();
  if (type === STRING) return reader.text();
  if (type === ARRAY) return array(reader);
  if (type >= SCALAR_BYTES.length) throw new NotGgufError("its header is damaged");
  return scalar(reader, type);
}

/** Keys and values of the header; those too long to matter here (vocabularies) are left out. */
function metadata(reader: Reader): Map<string, Value> {
  const magic = reader.take(4).toString("latin1");
  if (magic !== MAGIC) throw new NotGgufError(`it begins with ${JSON.stringify(magic)} instead of "GGUF"`);
  reader.skip(4 + 8);
  const pairs = reader.unsigned64();
  const found = new Map<string, Value>();
  for (let at = 0; at < pairs; at += 1) {
    const key = reader.text();
    found.set(key, value(reader));
  }
  return found;
}

function sumOverLayers(heads: Value, layers: number): number | undefined {
  if (typeof heads === "number") return heads * layers;
  return Array.isArray(heads) ? (heads as readonly number[]).reduce((sum, each) => sum + each, 0) : undefined;
}

/** Keys and values of all layers for one token, at two bytes a number. */
function bytesPerToken(number: (key: string) => number | undefined, keyHeads: Value): number | undefined {
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const width = number("embedding_length");
  const perHead = width !== undefined && heads !== undefined ? width / heads : undefined;
  const keyLength = number("attention.key_length") ?? perHead;
  const valueLength = number("attention.value_length") ?? perHead;
  if (layers === undefined || keyLength === undefined || valueLength === undefined) return undefined;
  const allHeads = sumOverLayers(keyHeads ?? heads, layers);
  return allHeads === undefined ? undefined : allHeads * (keyLength + valueLength) * 2;
}

/** The names of `general.file_type`, by number; those in between are no longer written. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  19: "IQ2_XXS",
  20: "IQ2_XS",
  21: "Q2_K_S",
  22: "IQ3_XS",
  23: "IQ3_XXS",
  24: "IQ1_S",
  25: "IQ4_NL",
  26: "IQ3_S",
  27: "IQ3_M",
  28: "IQ2_S",
  29: "IQ2_M",
  30: "IQ4_XS",
  31: "IQ1_M",
  32: "BF16",
};

function describe(found: ReadonlyMap<string, Value>): GgufHeader {
  const architecture = found.get("general.architecture");
  if (typeof architecture !== "string") throw new NotGgufError("it does not name its architecture");
  const number = (key: string): number | undefined => {
    const known = found.get(`${architecture}.${key}`);
    return typeof known === "number" ? known : undefined;
  };
  const contextTokens = number("context_length");
  const fileType = found.get("general.file_type");
  const quantization = typeof fileType === "number" ? FILE_TYPES[fileType] : undefined;
  const chatTemplate = found.get("tokenizer.chat_template");
  const perToken = bytesPerToken(number, found.get(`${architecture}.attention.head_count_kv`));
  return {
    architecture,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(perToken === undefined ? {} : { contextBytesPerToken: perToken }),
    ...(quantization === undefined ? {} : { quantization }),
    ...(typeof chatTemplate === "string" ? { chatTemplate } : {}),
  };
}

/** Reads the header of a GGUF file (some milliseconds). Throws `NotGgufError`, or the error of the file system. */
export function readGgufHeader(path: string): GgufHeader {
  const file = openSync(path, "r");
  try {
    return describe(metadata(new Reader(file)));
  } finally {
    closeSync(file);
  }
}
