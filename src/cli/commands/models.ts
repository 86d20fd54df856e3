import type { Command } from "../command.ts";
import type { Session } from "../session.ts";
import { listModels } from "./models-list.ts";
import { loadModel, unloadModel } from "./models-load.ts";
import { listLoaded } from "./models-ps.ts";
import { pull } from "./models-pull.ts";
import { showModel } from "./models-show.ts";

export type ModelsCommand = Extract<
  Command,
  { type: "list-models" | "loaded-models" | "show-model" | "load-model" | "unload-model" | "pull-model" }
>;

/** Does what `massgen models` was asked for, and returns the exit code. */
export function models(command: ModelsCommand, session: Session): Promise<number> {
  switch (command.type) {
    case "list-models":
      return listModels(command, session);
    case "loaded-models":
      return listLoaded(command, session);
    case "show-model":
      return showModel(command, session);
    case "load-model":
      return loadModel(command, session);
    case "unload-model":
      return unloadModel(command, session);
    case "pull-model":
      return pull(command, session);
  }
}
