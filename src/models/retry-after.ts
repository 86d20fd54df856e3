import type { APICallError } from "@ai-sdk/provider";

/** Milliseconds that a provider asks to wait, from `retry-after-ms` or from `retry-after` in seconds or as a date; nonsense is ignored. */
function retryAfterOf(headers: Readonly<Record<string, string>> | undefined, now: number): number | undefined {
  const precise = amount(headers?.["retry-after-ms"]);
  if (precise !== undefined) return precise;
  const header = headers?.["retry-after"]?.trim();
  const seconds = amount(header);
  if (seconds !== undefined) return seconds * 1000;
  // Only a date has letters in it; `Date.parse` would take "-5" for a month.
  if (header === undefined || !/^[a-z]{3},/iu.test(header)) return undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

/** Milliseconds that a refusal asks to wait, wherever it says so. */
export function waitAskedFor({ responseHeaders, responseBody }: APICallError, now: number): number | undefined {
  return retryAfterOf(responseHeaders, now) ?? retryDelayIn(responseBody);
}

/** Google has it in the body of an error: `"retryDelay": "34.4s"`. */
function retryDelayIn(body = ""): number | undefined {
  const seconds = amount(/"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/u.exec(body)?.[1]);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function amount(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
