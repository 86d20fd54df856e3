import type { LanguageModelV4FilePart } from "@ai-sdk/provider";
import { MassgenError } from "../core/errors.ts";
import type { Attachment } from "../core/facts/attachment.ts";
import type { Message } from "../core/messages.ts";
import { fencedFile } from "../core/prompts/fence.ts";

/** The contents that are kept under an id; undefined where they are gone. */
export type ReadBlob = (id: string) => Uint8Array | undefined;

/** Texts among the files become part of the message, before what it says; images and PDFs stay files. */
export function withTexts(messages: readonly Message[], read: ReadBlob): readonly Message[] {
  return messages.map((message) => {
    if (message.role !== "user" || message.attachments === undefined) return message;
    const { attachments, headLength, ...rest } = message;
    const texts = attachments.filter(({ kind }) => kind === "text");
    const others = attachments.filter(({ kind }) => kind !== "text");
    const blocks = texts.map((attachment) => `${fencedFile(attachment.name, textOf(attachment, read))}\n\n`).join("");
    return {
      ...rest,
      text: blocks + message.text,
      ...(headLength === undefined ? {} : { headLength: blocks.length + headLength }),
      ...(others.length === 0 ? {} : { attachments: others }),
    };
  });
}

/** An image or a PDF as the AI SDK takes it: with its contents, never as an address. */
export function filePart(attachment: Attachment, read: ReadBlob): LanguageModelV4FilePart {
  const bytes = contentsOf(attachment, read);
  // As text already: what the SDK would make of bytes takes seconds for large ones.
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { type: "file", filename: attachment.name, mediaType: attachment.mediaType, data: { type: "data", data } };
}

function textOf(attachment: Attachment, read: ReadBlob): string {
  return new TextDecoder("utf-8").decode(contentsOf(attachment, read));
}

function contentsOf({ id, name }: Attachment, read: ReadBlob): Uint8Array {
  const bytes = read(id);
  if (bytes !== undefined) return bytes;
  throw new MassgenError("config", `The file ${name}, which was attached to the question, is not kept any more.`);
}
