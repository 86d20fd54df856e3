import type { Accepts, Attachment } from "../facts/attachment.ts";
import type { RunStarted } from "../facts/run.ts";
import type { Agent } from "../facts/settings.ts";
import { withoutControlTokens } from "./fence.ts";
import { say } from "./texts.ts";

type Taking = Pick<Agent, "accepts"> | undefined;

const TEXT_ALONE: Accepts = { images: false, pdf: false };
/** What a note in place of a file takes in a prompt, and the fence around a text. */
const NOTE_TOKENS = 50;
const FENCE_TOKENS = 16;

/** Whether a model can be given a file itself. Text goes to all of them. */
export function takes(agent: Taking, { kind, mediaType }: Pick<Attachment, "kind" | "mediaType">): boolean {
  const { images, pdf, imageTypes } = agent?.accepts ?? TEXT_ALONE;
  return kind === "text" || (kind === "image" ? images && (imageTypes?.includes(mediaType) ?? true) : pdf);
}

/** What files take in a prompt that holds them, estimated. */
export function takenTokens(attachments: readonly Attachment[] = []): number {
  return attachments.reduce((total, { tokens, kind }) => total + tokens + (kind === "text" ? FENCE_TOKENS : 0), 0);
}

/** What files take in a prompt of an agent, estimated: themselves, or the note that they are there. */
export function attachmentTokens(attachments: readonly Attachment[] = [], agent: Taking): number {
  const taken = attachments.filter((attachment) => takes(agent, attachment));
  return takenTokens(taken) + (attachments.length - taken.length) * NOTE_TOKENS;
}

/** Whether there is anything in a run's prompts for this agent that is not text: nobody can say beforehand what that costs to read. */
export function seesMoreThanText({ attachments = [], history }: Pick<RunStarted, "attachments" | "history">, agent: Taking): boolean {
  const all = [...attachments, ...history.flatMap((turn) => turn.attachments ?? [])];
  return all.some((attachment) => attachment.kind !== "text" && takes(agent, attachment));
}

/** A text with its files, as one agent is shown them. */
export interface Attached {
  readonly text: string;
  readonly attachments?: readonly Attachment[];
}

/** Files that an agent can take go with the text; of each other one the text says first that it is there. */
export function attached({ text, attachments = [] }: Attached, agent: Taking, overrides: Readonly<Record<string, string>>): Attached {
  if (attachments.length === 0) return { text };
  const taken = attachments.filter((attachment) => takes(agent, attachment));
  const notes = attachments.filter((attachment) => !taken.includes(attachment)).map((attachment) => `${note(attachment, overrides)}\n`);
  const said = notes.length === 0 ? text : `${notes.join("")}\n${text}`;
  return taken.length === 0 ? { text: said } : { text: said, attachments: taken };
}

function note({ name, kind, bytes }: Attachment, overrides: Readonly<Record<string, string>>): string {
  const what = kind === "pdf" ? "a PDF" : "an image";
  return say(overrides, "unseen", { name: withoutControlTokens(name), what, size: fileSize(bytes) });
}

/** `1 byte`, `340 bytes`, `12 kB`, `3.4 MB` */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
