/** The messages of a request as one text, as a chat template would put them together. */
export function promptText(messages: readonly { readonly role: string; readonly content?: unknown }[]): string {
  return messages.map(({ role, content }) => `${role}\n${typeof content === "string" ? content : JSON.stringify(content)}`).join("\n");
}

/** How many characters two texts have in common from their start. */
export function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
