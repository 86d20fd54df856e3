import { counted } from "../../views/measures.ts";
import { plainText } from "../../views/plain-text.ts";
import { isDirect, type OpenCouncil } from "../open-council.ts";
import type { Seating } from "../seat-council.ts";

/** Who answers in a chat, how, and where it is kept: a line each. */
export function whoIsHere(seating: Seating, { logPath }: Pick<OpenCouncil, "logPath">): readonly string[] {
  const { seats } = seating.council;
  return [
    `${counted(seats.length, "agent")}:`,
    ...seats.map(({ id, model }) => `  ${id}: ${plainText(model.name)}`),
    `Mode: ${modeOf(seating)}`,
    logPath === undefined ? "Nothing is kept on disk." : `Log: ${logPath}`,
  ];
}

function modeOf(seating: Seating): string {
  if (seating.council.seats.length > 1) return "council: all answer, read each other and vote";
  return isDirect(seating) ? "single agent, direct" : "single agent";
}
