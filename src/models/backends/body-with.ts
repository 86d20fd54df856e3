import type { JSONObject } from "@ai-sdk/provider";

/** A request's further fields with those of a backend that go there as they are; undefined where there are none. */
export function bodyWith(body: JSONObject | undefined, fields: Readonly<Record<string, unknown>>): JSONObject | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? body : { ...(Object.fromEntries(set) as JSONObject), ...body };
}
