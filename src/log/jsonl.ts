import type { RunEvent } from "../core/facts.ts";
import { parseJson, readEvent } from "./event-codec.ts";
import { damaged } from "./log-trouble.ts";

/** One event a line, each with its line end. */
export function* exportJsonl(events: Iterable<RunEvent>): Generator<string, void> {
  for (const event of events) yield `${JSON.stringify(event)}\n`;
}

export interface Imported {
  readonly events: readonly RunEvent[];
  /** The last line broke off, as when a process dies while writing, and was left out. */
  readonly torn: boolean;
}

/**
 * Reads one run, from its `run-started` on, without gaps.
 * @param lines with or without their line ends
 * @param source names the file in what is said about it
 * @throws `log-damaged` with file and line, `log-newer`
 */
export function importJsonl(lines: Iterable<string>, source: string): Imported {
  const events: RunEvent[] = [];
  let number = 0;
  let broken: number | undefined;
  for (const line of lines) {
    number += 1;
    const place = { where: `${source}:${number}`, hint: "Export the run again, or import the lines before this one." };
    if (line.trim() === "") continue;
    if (broken !== undefined) throw damaged(`${source}:${broken} is not a whole event`, place.hint);
    if (parseJson(line) === undefined) broken = number;
    else events.push(readEvent(line, events.length + 1, place));
    if (events[0] !== undefined && events[0].type !== "run-started") {
      throw damaged(`${source}:1 is ${events[0].type} where run-started is due`, "The file must hold a run from its beginning.");
    }
  }
  if (events.length === 0) throw damaged(`${source} holds no whole event`, "Name a file written by massgen with one event a line.");
  return { events, torn: broken !== undefined };
}
