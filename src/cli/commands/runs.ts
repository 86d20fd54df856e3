import type { RunSummary } from "../../log/event-log.ts";
import { isAlive } from "../../log/owner.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { excerpt } from "../../views/plain-text.ts";
import { foldersOf, type Session } from "../session.ts";

const FEWEST_QUESTION_CHARACTERS = 20;

/** Lists the runs, newest first: a table for people, or one JSON object a line. */
export async function runs({ io, output, narrator }: Session): Promise<number> {
  const log = openSqliteLog(foldersOf(io).log);
  try {
    const summaries = log.list().map((summary) => ({ ...summary, status: statusOf(summary) }));
    if (output.json) for (const summary of summaries) io.stdout.write(`${JSON.stringify(summary)}\n`);
    else if (summaries.length === 0) narrator.line({ tone: "plain", text: 'There are no runs yet. massgen "your question" makes one.' });
    else io.stdout.write(tableOf(summaries, io.stdout.columns));
    await io.stdout.flushed();
    return 0;
  } finally {
    log.close();
  }
}

type Listed = RunSummary & { readonly status: string };

function statusOf({ outcome, owner }: RunSummary): string {
  return outcome ?? (owner !== undefined && isAlive(owner) ? "running" : "interrupted");
}

function tableOf(summaries: readonly Listed[], columns: number): string {
  const rows = summaries.map(({ runId, startedAt, status }) => [runId, localTime(startedAt), status] as const);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const taken = widths.reduce((total, width) => total + width + 2, 0);
  const room = Math.max(FEWEST_QUESTION_CHARACTERS, columns - taken);
  return summaries
    .map(({ question }, index) => {
      const cells = rows[index]?.map((cell, column) => cell.padEnd(widths[column] ?? 0)) ?? [];
      return `${[...cells, excerpt(question, room)].join("  ")}\n`;
    })
    .join("");
}

/** `2026-11-23 14:35` where this machine is. */
function localTime(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
