import type { JSONObject } from "@ai-sdk/provider";

/** What stands in a request itself; everything else that people set for Gemini is part of `generationConfig`. */
const ofTheRequest = new Set(["generationConfig", "safetySettings", "toolConfig", "cachedContent", "labels", "serviceTier", "store"]);

/** Further fields where the API wants them: `stop_sequences` and `stopSequences` are the same to it. */
export function geminiBody(body: JSONObject | undefined): JSONObject | undefined {
  if (body === undefined) return undefined;
  const entries = Object.entries(body).map(([name, value]) => [camelCase(name), value] as const);
  const request = Object.fromEntries(entries.filter(([name]) => ofTheRequest.has(name)));
  const config = Object.fromEntries(entries.filter(([name]) => !ofTheRequest.has(name)));
  if (Object.keys(config).length === 0) return request;
  return { ...request, generationConfig: { ...(request["generationConfig"] as JSONObject | undefined), ...config } };
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}
