/** An image takes a model 256 tokens, at four characters a token: as Gemma 3 reads it. */
const IMAGE_CHARACTERS = 1_024;

interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  /** Where Ollama has them. */
  readonly images?: unknown;
}

/** The messages of a request as one text, as a chat template would put them together. */
export function promptText(messages: readonly WireMessage[]): string {
  return messages.map(({ role, content, images }) => `${role}\n${imagesText(images)}${contentText(content)}`).join("\n");
}

function contentText(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === "string" ? content : JSON.stringify(content);
  return content.map((part: { readonly type?: string; readonly text?: string }) => part.text ?? pictureOf(part)).join("\n");
}

function imagesText(images: unknown): string {
  return Array.isArray(images) ? images.map((image) => `${pictureOf(image)}\n`).join("") : "";
}

/** Not the same for different ones: a cache must not mistake one for another. */
function pictureOf(image: unknown): string {
  return JSON.stringify(image).slice(-IMAGE_CHARACTERS).padStart(IMAGE_CHARACTERS, "#");
}

/** How many characters two texts have in common from their start. */
export function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
