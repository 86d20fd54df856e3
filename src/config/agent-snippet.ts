import type { Engine, EngineModel } from "../models/engines/engine.ts";

/** Lines of YAML: an agent on this model, ready to be put under `agents:`. */
export function agentSnippet({ kind, origin }: Engine, { id, contextLoaded }: EngineModel, parallel: number): readonly string[] {
  return [
    "  - id: agent1",
    "    backend:",
    `      type: ${kind}`,
    `      model: ${JSON.stringify(id)}`,
    ...(kind === "embedded" ? [] : [`      base_url: ${origin}/v1`]),
    ...(contextLoaded === undefined ? [] : [`      context_length: ${contextLoaded.value}`]),
    `      parallel: ${parallel}`,
  ];
}
