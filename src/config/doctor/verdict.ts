import type { Check } from "./check.ts";

/** What to conclude from all checks. */
export interface Verdict {
  readonly canRun: boolean;
  readonly text: string;
  /** The next thing to do, where there is one. */
  readonly next?: string;
}

/**
 * With a config every one of its backends has to be well; without one a model that can answer has to be here.
 * @param canAnswer whether an engine of this machine is ready with a model
 */
export function verdictOf(
  checks: readonly Check[],
  { hasConfig, canAnswer }: { readonly hasConfig: boolean; readonly canAnswer: boolean },
): Verdict {
  const warned = checks.filter(({ status }) => status === "warning").length;
  const but = warned === 0 ? "" : ` ${warned === 1 ? "One warning" : `${warned} warnings`} above.`;
  if (hasConfig) return ofConfig(checks, but);
  if (canAnswer) return { canRun: true, text: `A council can run on this machine.${but}`, next: 'massgen "your question"' };
  const unseen = checks.find(({ section, status }) => section === "engines" && (status === "unknown" || status === "failed"));
  return { canRun: false, text: "No council can run yet: no engine on this machine is ready with a model.", next: unseen?.hint ?? START };
}

const START = "Start LM Studio, Ollama or another engine with a model; or: massgen engines add embedded, massgen models pull NAME";

function ofConfig(checks: readonly Check[], but: string): Verdict {
  const backends = checks.filter(({ section }) => section === "backends");
  const bad = backends.filter(({ status }) => status === "failed");
  const unsure = backends.filter(({ status }) => status === "unknown");
  const [first] = [...bad, ...unsure];
  if (first === undefined) return { canRun: true, text: `This council can run.${but}` };
  const parts = [...(bad.length > 0 ? [`${bad.length} failed`] : []), ...(unsure.length > 0 ? [`${unsure.length} unknown`] : [])];
  const text = `This council cannot be relied on: of ${backends.length} checks of its config ${parts.join(", ")}.`;
  return { canRun: false, text, ...(first.hint !== undefined && { next: first.hint }) };
}
