import type { Progress } from "../models/files/download.ts";
import { sizeInWords } from "../models/files/catalogue.ts";
import type { Io } from "./io.ts";
import type { Narrator } from "./narrator.ts";

const BAR_CHARACTERS = 24;
const REDRAW_MS = 100;
/** Without a terminal a line is written every so many percent. */
const STEP = 10;

/** Shows how far a download is: a bar with its speed that is redrawn on a terminal, a line every ten percent elsewhere. */
export function downloadBar({
  io,
  narrator,
}: {
  readonly io: Pick<Io, "clock">;
  readonly narrator: Narrator;
}): (progress: Progress) => void {
  let drawnAt = -Infinity;
  let told = 0;
  let first: { readonly at: number; readonly received: number } | undefined;
  const speed = (received: number): string => {
    first ??= { at: io.clock.now(), received };
    const seconds = (io.clock.now() - first.at) / 1_000;
    return seconds <= 0 ? "" : `, ${sizeInWords((received - first.received) / seconds)}/s`;
  };
  return ({ received, total }) => {
    const percent = total === undefined ? undefined : Math.floor((received / Math.max(total, 1)) * 100);
    const sizes = total === undefined ? sizeInWords(received) : `${sizeInWords(received)} of ${sizeInWords(total)}`;
    const rate = speed(received);
    if (narrator.isLive) {
      if (received !== total && io.clock.now() - drawnAt < REDRAW_MS) return;
      drawnAt = io.clock.now();
      narrator.status(received === total ? "" : `${bar(percent)}${sizes}${rate}`);
    } else if (percent !== undefined && percent >= told + STEP) {
      told = percent - (percent % STEP);
      narrator.line({ tone: "faint", text: `${told} %, ${sizes}` });
    }
  };
}

function bar(percent: number | undefined): string {
  if (percent === undefined) return "";
  const full = Math.round((percent * BAR_CHARACTERS) / 100);
  return `[${"#".repeat(full)}${".".repeat(BAR_CHARACTERS - full)}] ${percent} %, `;
}
