import { goalText, measuredText, verdictOf, type Row } from "./rows.ts";

/** What one group came to. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Why it could not be measured. */
  readonly trouble?: string;
}

const HEAD = ["", "measured", "goal", "", "note"];

export function plainTable(sections: readonly Section[]): string {
  const lines = sections.map(({ rows }) => rows.map(cells));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...lines.flat().map((line) => line[column]?.length ?? 0)));
  const pad = (line: readonly string[]): string => line.map((cell, column) => padded(cell, column, widths[column] ?? 0)).join("  ");
  return sections
    .map(({ name, title, trouble }, index) => {
      const body = (lines[index] ?? []).map((line) => `  ${pad(line)}`.trimEnd());
      return [`${title} (--only ${name})`, ...body, ...(trouble === undefined ? [] : [`  not measured: ${trouble}`])].join("\n");
    })
    .join("\n\n");
}

export function markdownTable(sections: readonly Section[]): string {
  return sections
    .map(({ title, rows, trouble }) => {
      if (trouble !== undefined) return `**${title}**: not measured: ${trouble}`;
      const lines = rows.map((row) => `| ${cells(row).join(" | ")} |`);
      return [`**${title}**`, "", `| ${HEAD.join(" | ")} |`, "|---|---:|---:|---|---|", ...lines].join("\n");
    })
    .join("\n\n");
}

function cells(row: Row): readonly string[] {
  return [row.what, measuredText(row), goalText(row), verdictOf(row), row.note ?? ""];
}

function padded(cell: string, column: number, width: number): string {
  return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
}
