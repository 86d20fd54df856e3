/** The lines that a terminal would show after this was written to it, as far as prompts and answers use one: no scrolling, no colours. */
export function screenOf(written: string, columns: number): readonly string[] {
  const lines: string[] = [""];
  let [row, column] = [0, 0];
  const move = (toRow: number, toColumn: number): void => {
    row = Math.max(0, toRow);
    column = Math.max(0, toColumn);
    while (lines.length <= row) lines.push("");
  };
  const put = (character: string): void => {
    if (column >= columns) move(row + 1, 0);
    const line = (lines[row] ?? "").padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  };
  const control = (command: string, by: number): void => {
    const many = by || 1;
    if (command === "A") move(row - many, column);
    else if (command === "B") move(row + many, column);
    else if (command === "C") move(row, column + many);
    else if (command === "D") move(row, column - many);
    else if (command === "G") move(row, many - 1);
    else if (command === "K") lines[row] = by === 0 ? (lines[row] ?? "").slice(0, column) : "";
    else if (command === "J") lines.splice(row, Infinity, (lines[row] ?? "").slice(0, column));
  };
  // oxlint-disable-next-line no-control-regex
  for (const [piece, digits, command] of written.matchAll(/\u001B\[[?]?(\d*)(?:;\d*)*([A-Za-z])|\u001B[=>]|[^]/gu)) {
    if (command !== undefined) control(command, Number(digits));
    else if (piece === "\n") move(row + 1, column);
    else if (piece === "\r") move(row, 0);
    else if (piece >= " ") put(piece);
  }
  return lines.map((line) => line.trimEnd());
}
