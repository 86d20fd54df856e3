import { parseArguments } from "./arguments.ts";
import type { Command, Output } from "./command.ts";
import type { Io } from "./io.ts";
import { createNarrator } from "./narrator.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

/** Does what the command line asks for and returns the exit code; trouble of any kind is told, never thrown. */
export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  let output: Output | undefined;
  const secrets = new Set<string>();
  try {
    const command = parseArguments(argv);
    if (command.type === "help") return await print(io, (await import("./help.ts")).helpText);
    if (command.type === "version") return await print(io, `${version()}\n`);
    ({ output } = command);
    const narrator = createNarrator(io, output.level, output.noColor);
    const { withFolderEnvironment } = await import("./folder-environment.ts");
    const around = await withFolderEnvironment(command, io);
    for (const text of around.notices) narrator.line({ tone: "warning", text });
    return await perform(command, { io: around.io, output, narrator, secrets });
  } catch (error) {
    const { level = "normal", noColor = false } = output ?? {};
    const { reportError } = await import("./report-error.ts");
    return reportError(error, io, { level, noColor, secrets });
  }
}

/** Each command is loaded when it is wanted: help and version must not wait for databases and models. */
async function perform(command: Exclude<Command, { type: "help" | "version" }>, session: Session): Promise<number> {
  switch (command.type) {
    case "ask":
      return (await import("./commands/ask.ts")).ask(command, session);
    case "chat":
      return (await import("./commands/chat.ts")).chat(command, session);
    case "resume":
      return (await import("./commands/resume.ts")).resume(command, session);
    case "runs":
      return (await import("./commands/runs.ts")).runs(session);
    case "show":
      return (await import("./commands/show.ts")).show(command, session);
    case "doctor":
      return (await import("./commands/doctor.ts")).doctor(command, session);
    case "tune":
      return (await import("./commands/tune.ts")).tune(command, session);
    case "config":
      return (await import("./commands/config.ts")).config(command, session);
    case "test-backends":
      return (await import("./commands/backends-test.ts")).testBackends(command, session);
    case "allow":
      return (await import("./commands/allow.ts")).allow(command, session);
    case "try-model":
      return (await import("./commands/engines-try.ts")).tryOnEngine(command, session);
    case "add-engine":
      return (await import("./commands/engines-add.ts")).addEngine(session);
    default:
      return (await import("./commands/models.ts")).models(command, session);
  }
}

async function print({ stdout }: Io, text: string): Promise<number> {
  stdout.write(text);
  await stdout.flushed();
  return 0;
}
