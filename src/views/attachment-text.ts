import type { Attachment } from "../core/facts/attachment.ts";
import type { RunStarted } from "../core/facts/run.ts";
import { listed } from "../core/listed.ts";
import { fileSize, takes } from "../core/prompts/attachments-in-prompt.ts";
import { clause } from "./outcome-text.ts";

/** `photo.png (image/png, 340 kB)` */
export function attachmentText({ name, mediaType, bytes }: Attachment): string {
  return `${clause(name)} (${mediaType}, ${fileSize(bytes)})`;
}

/** A line for each file of a run's question: what it is, and who is only told that it is there. */
export function attachmentLines({ attachments = [], agents }: Pick<RunStarted, "attachments" | "agents">): readonly string[] {
  return attachments.map((attachment) => {
    const without = agents.filter((agent) => !takes(agent, attachment)).map(({ id }) => id);
    const who = without.length === 0 ? "" : `; ${listed(without)} cannot see it and ${without.length === 1 ? "is" : "are"} told so`;
    return `${attachmentText(attachment)}${who}`;
  });
}
