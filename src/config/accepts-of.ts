import type { Accepts } from "../core/facts/attachment.ts";
import type { BackendConfig } from "./schema.ts";

/** What a config says that a model can be sent besides text; undefined where it says nothing. */
export function acceptsOf({ accepts }: BackendConfig): Accepts | undefined {
  return accepts === undefined ? undefined : { images: accepts.includes("image"), pdf: accepts.includes("pdf") };
}
