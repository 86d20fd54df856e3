/** Small pieces kept apart take ten times their own length, and a hundred replies may be coming in at once. */
const JOINED_AT_ONCE = 32;

/** A text that comes in pieces. */
export interface Pieces {
  add(piece: string): void;
  /** All that came, in order. */
  whole(): string;
}

export function createPieces(first = ""): Pieces {
  let blocks = [first];
  let recent: string[] = [];
  const join = (): void => {
    blocks.push(recent.join(""));
    recent = [];
  };
  return {
    add(piece) {
      recent.push(piece);
      if (recent.length === JOINED_AT_ONCE) join();
    },
    whole() {
      join();
      blocks = [blocks.join("")];
      return blocks[0] ?? "";
    },
  };
}
