import * as z from "zod";

/** What a file is to a model. */
const attachmentKinds = ["image", "pdf", "text"] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

/** A file that goes with a question. Its contents are no part of the log: they are kept as a blob under the `id`. */
export const attachmentSchema = z.object({
  /** The SHA-256 of its contents, in hex. */
  id: z.string().regex(/^[0-9a-f]{64}$/u),
  /** As people and models read it: one line, without a folder. */
  name: z.string().min(1),
  mediaType: z.string().min(1),
  bytes: z.number().int().nonnegative(),
  kind: z.enum(attachmentKinds),
  /** What it takes in a prompt of a model that can take it, estimated. */
  tokens: z.number().int().nonnegative(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** What a model can be sent besides text. */
export const acceptsSchema = z.object({
  images: z.boolean(),
  pdf: z.boolean(),
  /** The media types of images that it reads, where not all. */
  imageTypes: z.array(z.string()).readonly().optional(),
});
export type Accepts = z.infer<typeof acceptsSchema>;
