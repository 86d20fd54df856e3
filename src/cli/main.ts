#!/usr/bin/env node
const LEAST = [22, 18] as const;

/** Nothing else is loaded before this is known: older versions cannot even read some of it. */
function isTooOld(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
}

/** What needs nothing of the rest. */
async function quickAnswer(asked: string | undefined): Promise<string | undefined> {
  if (asked === "--version") return `${(await import("./version.ts")).version()}\n`;
  return asked === "--help" || asked === "-h" ? (await import("./help.ts")).helpText : undefined;
}

async function main(): Promise<number> {
  if (isTooOld()) {
    process.stderr.write(`massgen: This needs Node.js ${LEAST.join(".")} or newer; here it runs on ${process.versions.node}.\n`);
    return 1;
  }
  const text = process.argv.length === 3 ? await quickAnswer(process.argv[2]) : undefined;
  if (text !== undefined) {
    await new Promise((resolve) => process.stdout.write(text, resolve));
    return 0;
  }
  // What was compiled once is kept beside Node's other temporary files: reading some three hundred modules is most of a short command.
  (await import("node:module")).enableCompileCache();
  const [{ runCommand }, { systemIo }] = await Promise.all([import("./run-command.ts"), import("./system-io.ts")]);
  const io = systemIo((code) => process.exit(code));
  const onBug = async (error: unknown): Promise<void> => {
    const { reportError } = await import("./report-error.ts");
    const { keysIn } = await import("../config/keys.ts");
    process.exit(await reportError(error, io, { level: "normal", noColor: false, secrets: new Set(keysIn(process.env)) }));
  };
  process.on("uncaughtException", (error) => void onBug(error));
  process.on("unhandledRejection", (error) => void onBug(error));
  const code = await runCommand(process.argv.slice(2), io);
  await io.stderr.flushed().catch(() => undefined);
  return code;
}

// An inherited pipe or a connection that is kept alive would hold the process; all that was written has left it by now.
process.exit(await main());
