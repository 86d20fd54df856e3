import { writeAllowed } from "../allowed.ts";
import type { Command } from "../command.ts";
import type { Session } from "../session.ts";

/** Keeps what the person allows; the path of the file goes to standard output. */
export async function allow({ what }: Extract<Command, { type: "allow" }>, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const path = writeAllowed(session, { cloud: what === "cloud" });
  const text =
    what === "cloud"
      ? "Councils without a config may use clouds whose keys are in the environment. massgen allow local takes it back."
      : "Councils without a config stay on this machine, whatever keys are in the environment.";
  narrator.line({ tone: "result", text });
  io.stdout.write(output.json ? `${JSON.stringify({ cloud: what === "cloud", path })}\n` : `${path}\n`);
  await io.stdout.flushed();
  return 0;
}
