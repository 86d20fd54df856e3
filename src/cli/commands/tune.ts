import type { Command } from "../arguments.ts";
import type { Session } from "../session.ts";

export async function tune(_command: Extract<Command, { type: "tune" }>, _session: Session): Promise<number> {
  return 0;
}
