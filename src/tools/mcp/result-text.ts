import type { CallToolResult } from "@modelcontextprotocol/client";

/** A result as text to read; what is no text is named, with its size, instead of being left out in silence. */
export function resultText({ content, structuredContent }: CallToolResult): string {
  const parts = content.map(partText);
  if (parts.length === 0 && structuredContent !== undefined) return JSON.stringify(structuredContent);
  return parts.join("\n");
}

function partText(part: CallToolResult["content"][number]): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "image":
    case "audio":
      return leftOut(`An ${part.type} (${part.mimeType}, ${kilobytes(part.data)})`);
    case "resource_link":
      return `[resource ${part.name}: ${part.uri}]`;
    case "resource":
      if ("text" in part.resource) return part.resource.text;
      return leftOut(`A resource ${part.resource.uri} (${part.resource.mimeType ?? "no text"}, ${kilobytes(part.resource.blob)})`);
  }
}

const leftOut = (what: string): string => `[${what} is left out: only text can be shown here.]`;

/** Of what is in base64. */
function kilobytes(data: string): string {
  return `${Math.ceil((data.length * 3) / 4 / 1024)} KB`;
}
