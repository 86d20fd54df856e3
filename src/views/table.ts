/** How a column is set; left unless said otherwise. */
export type Alignment = "left" | "right";

const GAP = "  ";

/** Rows as aligned lines without blanks at their end. Columns that are empty in every row are left out. */
export function table(rows: readonly (readonly string[])[], alignments: readonly Alignment[] = []): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows.map((row) =>
    widths
      .flatMap((width, column) => (width === 0 ? [] : [padded(row[column] ?? "", width, alignments[column])]))
      .join(GAP)
      .trimEnd(),
  );
}

function padded(text: string, width: number, alignment: Alignment = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return alignment === "right" ? `${blanks}${text}` : `${text}${blanks}`;
}

/** A text in lines of at most `columns` characters, where its words allow it; what is longer than a line stands alone. */
export function wrapped(text: string, columns: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(" ")) {
      const last = lines.at(-1);
      if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}

/** In characters: what takes two columns in a terminal counts as one. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
