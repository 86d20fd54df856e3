import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";

/** The ballot that votes for the first answer shown; nothing where the call is no ballot. */
export function firstChoice({ responseFormat }: LanguageModelV4CallOptions): string | undefined {
  if (responseFormat?.type !== "json") return undefined;
  const { properties } = responseFormat.schema as { readonly properties: { readonly choice: { readonly enum: readonly string[] } } };
  return ballotFor(properties.choice.enum[0] ?? "");
}

export function ballotFor(choice: string, reason = "It is right and complete."): string {
  return JSON.stringify({ reason, choice });
}
