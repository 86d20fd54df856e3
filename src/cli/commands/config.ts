import type { Command } from "../command.ts";
import type { Session } from "../session.ts";

/** Says of configs what can be said without asking any server. Returns the exit code. */
export async function config({ request }: Extract<Command, { type: "config" }>, session: Session): Promise<number> {
  switch (request.type) {
    case "validate":
      return (await import("./config-validate.ts")).validateConfigs(request, session);
    case "show":
      return (await import("./config-show.ts")).showConfig(request, session);
    case "explain":
      return (await import("./config-explain.ts")).explainKey(request, session);
    case "schema":
      return (await import("./config-schema.ts")).printSchema(session);
    case "list":
      return (await import("./config-list.ts")).listConfigs(session);
  }
}
