import type { FakeEngineOptions, FakeModel } from "../fake-engine.ts";

export interface FakeLmStudioOptions extends FakeEngineOptions {
  /** Whether a request for a model that is not loaded loads it; true by default. */
  readonly jit?: boolean;
  /** Whether a model that a request loaded makes room for the next one, also while it is writing; true by default. */
  readonly autoEvict?: boolean;
  /** Loading more than this is refused. */
  readonly memoryBytes?: number;
  /** Models that cannot be loaded. */
  readonly failLoads?: readonly string[];
  /** Models that can be downloaded. */
  readonly catalog?: readonly (string | FakeModel)[];
  /** How old it is: `v1` is 0.4, `v0` has no native v1 yet, `openai` neither. */
  readonly api?: "v1" | "v0" | "openai";
  /** What a prompt beyond the context gets. */
  readonly overflow?: "error" | "stream-error" | "empty-stream";
}
