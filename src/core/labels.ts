import { shuffled } from "./random.ts";

const LETTERS = 26;

/** `A`, `B`, … `Z`, `AA`, `AB`, …: the name of the n-th label, counted from 0. */
function labelAt(index: number): string {
  const last = String.fromCharCode("A".charCodeAt(0) + (index % LETTERS));
  return index < LETTERS ? last : labelAt(Math.floor(index / LETTERS) - 1) + last;
}

/** One label a seat in an order that says nothing about the seats. */
export function shuffledLabels(seats: number, seed: number): readonly string[] {
  return shuffled(
    Array.from({ length: seats }, (_, index) => labelAt(index)),
    seed,
  );
}
