import type { Session } from "./session.ts";

/** Asks a question that is answered by yes or no. `--yes` is a yes; where nobody can be asked, or nothing is answered, it is a no. */
export function askAtTerminal({ io, output }: Session): (question: string, signal: AbortSignal) => Promise<boolean> {
  return async (question, signal) => {
    if (output.yes) return true;
    if (io.stdin.kind !== "terminal" || !io.stderr.isTerminal) return false;
    const answer = await io.stdin.readLine(`${question} [y/N] `, signal);
    signal.throwIfAborted();
    return /^y(es)?$/iu.test(answer.trim());
  };
}
