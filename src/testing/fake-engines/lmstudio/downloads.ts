import type { ModelFacts } from "../fake-engine.ts";
import { fields, respond, type Exchange, type Routes } from "../exchange.ts";

interface Job {
  readonly model: ModelFacts;
  readonly id: string;
  polls: number;
}

/** Each look at a download finds another quarter of it done. */
const POLLS = 4;
const STARTED = "2026-11-01T10:00:00.000Z";

/** The download endpoints. A finished download is handed to `add`; what is not in `catalog`, if there is one, does not exist. */
export function downloadRoutes(
  known: () => readonly ModelFacts[],
  catalog: readonly ModelFacts[] | undefined,
  add: (model: ModelFacts) => void,
): Routes {
  const jobs = new Map<string, Job>();

  const statusOf = ({ id, model, polls }: Job): object => ({
    job_id: id,
    status: polls >= POLLS ? "completed" : "downloading",
    total_size_bytes: model.sizeBytes,
    started_at: STARTED,
    downloaded_bytes: Math.round((model.sizeBytes * Math.min(polls, POLLS)) / POLLS),
    bytes_per_second: 50_000_000,
    ...(polls >= POLLS ? { completed_at: STARTED } : { estimated_completion: STARTED }),
  });

  const start = async (exchange: Exchange): Promise<void> => {
    const { model: id } = fields(exchange);
    if (typeof id !== "string") return respond(exchange, missingModel(), 400);
    if (known().some((model) => model.id === id)) return respond(exchange, { status: "already_downloaded" });
    const model = catalog?.find((entry) => entry.id === id);
    if (model === undefined) {
      return respond(exchange, { error: { type: "model_not_found", message: `Model "${id}" was not found in the catalog.` } }, 404);
    }
    const job = { id: `job_${jobs.size + 1}`, model, polls: 0 };
    jobs.set(job.id, job);
    await respond(exchange, { job_id: job.id, status: "downloading", total_size_bytes: model.sizeBytes, started_at: STARTED });
  };

  const look = async (exchange: Exchange): Promise<void> => {
    const job = jobs.get(exchange.path.split("/").at(-1) ?? "");
    if (job === undefined) return respond(exchange, { error: { type: "job_not_found", message: "There is no such download." } }, 404);
    job.polls += 1;
    if (job.polls === POLLS) add(job.model);
    await respond(exchange, statusOf(job));
  };

  return { "POST /api/v1/models/download": start, "GET /api/v1/models/download/status/*": look };
}

export function missingModel(): object {
  return { error: { type: "invalid_request", message: '"model" is required', code: "missing_required_parameter", param: "model" } };
}
