import { MassgenError } from "../core/errors.ts";
import type { Backend, CloudOptions } from "../models/backends/backend.ts";
import { backends, type CloudType } from "../models/backends/backends.ts";
import type { CouncilModel } from "../models/model.ts";

/** A model of a cloud; what is absent is as the backend has it. */
export interface BackendOptions extends Partial<Omit<CloudOptions, "fields">> {
  readonly type: CloudType;
  /** The backend's own fields, as a config file writes them: `{ reasoning: { effort: "low" } }` for `openai`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a model of one of our backends. Nothing is read from the environment: `apiKey` goes to the host of `baseUrl` alone.
 * @throws MassgenError `config` for a field that the backend cannot use
 */
export async function createBackend({ type, fields = {}, ...options }: BackendOptions): Promise<CouncilModel> {
  const backend: Backend = backends[type];
  const read = backend.fields.safeParse(fields);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new MassgenError("config", `${issue?.path.join(".") ?? "fields"} of ${type}: ${issue?.message ?? "is not understood"}.`);
  }
  return backend.create({
    model: backend.model,
    baseUrl: backend.baseUrl,
    sampling: {},
    search: false,
    code: false,
    ...options,
    fields: read.data,
  });
}
