import type { EngineServer } from "../engine-server.ts";
import type { LmsPlaces } from "./lms.ts";

export interface LmStudioAt {
  readonly server: EngineServer;
  readonly places: LmsPlaces | undefined;
  /** Sentences for people about what could not be done as it was asked for. */
  readonly notices: Set<string>;
}
