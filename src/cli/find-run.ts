import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { RunSummary } from "../log/event-log.ts";

/** The run meant by an id, by a beginning that only one id has, or by `last`. Throws `run-unknown`. */
export function findRun(runs: readonly RunSummary[], wanted: string): RunSummary {
  const [newest] = runs;
  if (newest === undefined) throw new MassgenError("run-unknown", "There are no runs yet.", { hint: 'massgen "your question" makes one.' });
  const exact = runs.find(({ runId }) => runId === wanted) ?? (wanted === "last" ? newest : undefined);
  if (exact !== undefined) return exact;
  const matching = runs.filter(({ runId }) => runId.startsWith(wanted));
  const [only, another] = matching;
  if (only === undefined) {
    const meant = nearest(
      wanted,
      runs.map(({ runId }) => runId),
    );
    const hint = meant === undefined ? "massgen runs lists the runs there are." : `Did you mean ${meant}?`;
    throw new MassgenError("run-unknown", `There is no run "${wanted}".`, { hint });
  }
  if (another === undefined) return only;
  const hint = `Write more of its id: ${matching
    .slice(0, 3)
    .map(({ runId }) => runId)
    .join(", ")}${matching.length > 3 ? ", …" : ""}`;
  throw new MassgenError("run-unknown", `${matching.length} runs begin with "${wanted}".`, { hint });
}
