import { nearest } from "../core/nearest.ts";
import { type CloudType, cloudTypes } from "../models/backends/backends.ts";
import { type ServedKind, servedKinds } from "../models/engines/served-engines.ts";

const withoutPackages = ["chatcompletion", "lmstudio", "llamacpp", "ollama", "vllm", "sglang", "embedded", "local", "claude_code"] as const;
export type BackendType = (typeof withoutPackages)[number] | CloudType | "ai_sdk";

/** The backends of this version. */
export const backendTypes: readonly BackendType[] = [...new Set([...withoutPackages, ...cloudTypes, "ai_sdk" as const])];

/** Whether a backend is a local engine with a server, which is asked, loaded and queued for as such. */
export function isServedKind(type: BackendType): type is ServedKind {
  return (servedKinds as readonly string[]).includes(type);
}

/** `Claude-Code` and `claude_code` are the same name. */
export function normalizeBackendName(name: string): string {
  return name.trim().toLowerCase().replaceAll("-", "_");
}

export function isBackendType(name: string): name is BackendType {
  return (backendTypes as readonly string[]).includes(name);
}

/** Why this version has no backend of that (normalized) name: a clause without a full stop; undefined when it has. */
export function whyNoBackend(name: string): string | undefined {
  if (isBackendType(name)) return undefined;
  const here = `this version has ${backendTypes.join(", ")}`;
  const meant = nearest(name, backendTypes);
  return `there is no backend "${name}" (${meant === undefined ? here : `did you mean "${meant}"?`})`;
}
