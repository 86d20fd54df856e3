import { parseArguments } from "./arguments.ts";
import type { Command, Output } from "./command.ts";
import type { ModelsCommand } from "./commands/models.ts";
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

type Performed = Exclude<Command, { type: "help" | "version" }>;
type Performers = {
  readonly [Type in Performed["type"]]: (command: Extract<Performed, { type: Type }>, session: Session) => Promise<number>;
};

const models = async (command: ModelsCommand, session: Session): Promise<number> =>
  (await import("./commands/models.ts")).models(command, session);

/** Each command is loaded when it is wanted: help and version must not wait for databases and models. */
const performers: Performers = {
  "list-models": models,
  "loaded-models": models,
  "show-model": models,
  "load-model": models,
  "unload-model": models,
  "pull-model": models,
  ask: async (command, session) => (await import("./commands/ask.ts")).ask(command, session),
  chat: async (command, session) => (await import("./commands/chat.ts")).chat(command, session),
  resume: async (command, session) => (await import("./commands/resume.ts")).resume(command, session),
  runs: async (_command, session) => (await import("./commands/runs.ts")).runs(session),
  show: async (command, session) => (await import("./commands/show.ts")).show(command, session),
  doctor: async (command, session) => (await import("./commands/doctor.ts")).doctor(command, session),
  tune: async (command, session) => (await import("./commands/tune.ts")).tune(command, session),
  config: async (command, session) => (await import("./commands/config.ts")).config(command, session),
  init: async (command, session) => (await import("./commands/init.ts")).init(command, session),
  "test-backends": async (command, session) => (await import("./commands/backends-test.ts")).testBackends(command, session),
  allow: async (command, session) => (await import("./commands/allow.ts")).allow(command, session),
  "try-model": async (command, session) => (await import("./commands/engines-try.ts")).tryOnEngine(command, session),
  "add-engine": async (_command, session) => (await import("./commands/engines-add.ts")).addEngine(session),
};

function perform(command: Performed, session: Session): Promise<number> {
  return (performers[command.type] as (command: Performed, session: Session) => Promise<number>)(command, session);
}

async function print({ stdout }: Io, text: string): Promise<number> {
  stdout.write(text);
  await stdout.flushed();
  return 0;
}
