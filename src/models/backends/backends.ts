import type { Backend } from "./backend.ts";
import { claude } from "./claude/claude.ts";
import { gemini } from "./gemini/gemini.ts";
import { grok } from "./grok/grok.ts";
import { openai } from "./openai/openai.ts";
import { zai } from "./zai/zai.ts";

/** Every cloud that massgen speaks to by an interface of its own. Adding a backend is adding it here. */
export const backends = { openai, claude, gemini, grok, zai } as const satisfies Readonly<Record<string, Backend>>;

export type CloudType = keyof typeof backends;

export const cloudTypes = Object.keys(backends) as readonly CloudType[];

export function isCloudType(type: string): type is CloudType {
  return Object.hasOwn(backends, type);
}
