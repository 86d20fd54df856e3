import { nearest } from "../core/nearest.ts";
import { type ServedKind, servedKinds } from "../models/engines/served-engines.ts";

/** The backends of this version. */
export const backendTypes = ["chatcompletion", "openai", "lmstudio", "llamacpp", "ollama", "vllm", "sglang", "embedded", "local"] as const;
export type BackendType = (typeof backendTypes)[number];

/** Whether a backend is a local engine with a server, which is asked, loaded and queued for as such. */
export function isServedKind(type: BackendType): type is ServedKind {
  return (servedKinds as readonly string[]).includes(type);
}

/** Backends that MassGen users name in their configs and that this version does not have yet. */
const plannedBackends = ["claude", "gemini", "grok", "zai", "claude_code"] as const;

/** `Claude-Code` and `claude_code` are the same name. */
export function normalizeBackendName(name: string): string {
  return name.trim().toLowerCase().replaceAll("-", "_");
}

export function isBackendType(name: string): name is BackendType {
  return (backendTypes as readonly string[]).includes(name);
}

export function isPlannedBackend(name: string): boolean {
  return (plannedBackends as readonly string[]).includes(name);
}

/** Why this version has no backend of that (normalized) name: a clause without a full stop; undefined when it has. */
export function whyNoBackend(name: string): string | undefined {
  if (isBackendType(name)) return undefined;
  const here = `this version has ${backendTypes.join(", ")}`;
  if (isPlannedBackend(name)) return `the backend "${name}" is not in this version yet (${here})`;
  const meant = nearest(name, [...backendTypes, ...plannedBackends]);
  return `there is no backend "${name}" (${meant === undefined ? here : `did you mean "${meant}"?`})`;
}

/** MassGen infers these backends from the name of the model alone. */
const families: readonly (readonly [pattern: RegExp, backend: string])[] = [
  [/^(gpt-5|gpt-4\.1|gpt-4o|o1|o3|o4-mini)(-(mini|nano))?(-(low|medium|high))?$/, "openai"],
  [/^claude-(opus|sonnet|haiku|instant|\d)/, "claude"],
  [/^gemini-\d/, "gemini"],
  [/^grok-\d/, "grok"],
  [/^glm-4\.5(-air)?$/, "zai"],
];

/** The backend a cloud model belongs to, where its name alone tells. */
export function backendOfModel(model: string): string | undefined {
  const name = model.trim().toLowerCase();
  return families.find(([pattern]) => pattern.test(name))?.[1];
}
