import { isMapping } from "./interpolate.ts";
import { type McpServerConfig, type recordedServerSchema, withoutSecrets } from "./mcp-section.ts";
import type * as z from "zod";

/** What the log writes in place of a secret (`log/redaction.ts`). */
const HIDDEN = "[secret]";

/**
 * Whether a server of a config is the one that a run recorded, but for what is secret. A file may have changed since, and what it starts now
 * nobody has agreed to.
 */
export function isSameServer(recorded: z.infer<typeof recordedServerSchema>, now: McpServerConfig): boolean {
  return isSame(recorded, JSON.parse(JSON.stringify(withoutSecrets(now))));
}

function isSame(recorded: unknown, now: unknown): boolean {
  if (typeof recorded === "string" && typeof now === "string") return matches(recorded, now);
  if (Array.isArray(recorded) && Array.isArray(now)) {
    return recorded.length === now.length && recorded.every((item, index) => isSame(item, now[index]));
  }
  if (!isMapping(recorded) || !isMapping(now)) return recorded === now;
  const keys = new Set([...Object.keys(recorded), ...Object.keys(now)]);
  return [...keys].every((key) => isSame(recorded[key], now[key]));
}

function matches(recorded: string, now: string): boolean {
  const [first = "", ...rest] = recorded.split(HIDDEN);
  if (rest.length === 0) return recorded === now;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = now.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return now.startsWith(first) && now.length - last.length >= at && now.endsWith(last);
}
