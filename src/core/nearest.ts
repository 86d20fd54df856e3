/** Edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1] ? 1 : Infinity;
      current.push(
        Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + replaced, at(beforeLast, column - 2) + swapped),
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

const MOST_EDITS = 2;

/**
 * The name somebody probably meant: at most two edits away, at most one where the word has fewer than six letters. Case does not count,
 * nor whether words are joined by `-` or `_`. Of equally near names the first wins.
 */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  const wanted = fold(word);
  const allowed = wanted.length < 6 ? 1 : MOST_EDITS;
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > allowed) continue;
    const edits = editDistance(wanted, fold(name));
    if (edits <= allowed && edits < (best?.edits ?? Infinity)) best = { name, edits };
  }
  return best?.name;
}

/** The name somebody probably meant: by its letters, else one that holds it or is held by it. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  return nearest(name, names) ?? names.find((one) => one.toLowerCase().includes(folded) || folded.includes(one.toLowerCase()));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}
