import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The command in a pseudo-terminal of its own. */
export interface Terminal {
  /** All that was shown so far. */
  readonly shown: () => string;
  /** Resolves once this was shown after whatever was waited for before. */
  readonly until: (text: string | RegExp) => Promise<void>;
  readonly type: (keys: string) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exit: Promise<number>;
}

export const keys = {
  enter: "\r",
  ctrlC: "\u0003",
  ctrlD: "\u0004",
  up: "\u001B[A",
  down: "\u001B[B",
  escape: "\u001B",
  space: " ",
} as const;

/** As a terminal sends what is pasted. */
export const pasted = (text: string): string => `\u001B[200~${text.replaceAll("\n", "\r")}\u001B[201~`;

/** @param folder the current one of the command; that of this process by default */
export function openTerminal(argv: readonly string[], environment: Readonly<Record<string, string>>, folder = process.cwd()): Terminal {
  const child = spawn(process.execPath, [main, ...argv], {
    name: "xterm-256color",
    cwd: folder,
    cols: 100,
    rows: 30,
    env: { PATH: process.env["PATH"], TERM: "xterm-256color", ...environment },
  });
  let shown = "";
  let seen = 0;
  let look = (): void => undefined;
  child.onData((data) => {
    shown += data;
    look();
  });
  const find = (text: string | RegExp): number => {
    const rest = shown.slice(seen);
    if (typeof text === "string") return rest.includes(text) ? rest.indexOf(text) + text.length : -1;
    const match = text.exec(rest);
    return match === null ? -1 : match.index + match[0].length;
  };
  const exit = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    shown: () => shown,
    until: (text) =>
      new Promise((resolve, reject) => {
        look = () => {
          const end = find(text);
          if (end === -1) return;
          seen += end;
          look = () => undefined;
          resolve();
        };
        look();
        void exit.then(() => reject(new Error(`the command ended before it showed ${String(text)}:\n${shown}`)));
      }),
    type: (text) => child.write(text),
    kill: (signal) => child.kill(signal),
    exit,
  };
}
