import type { Session } from "./session.ts";

/**
 * Asks questions that are answered by yes or no, one after the other: agents may have the same one, which is put once, or each their own.
 * `--yes` is a yes, no answer a no, and where nobody can be asked there is none.
 */
export function askAtTerminal({ io, output }: Session): (question: string, signal: AbortSignal) => Promise<boolean | undefined> {
  const answers = new Map<string, Promise<boolean>>();
  let last: Promise<unknown> = Promise.resolve();
  return async (question, signal) => {
    if (output.yes) return true;
    if (io.stdin.kind !== "terminal" || !io.stderr.isTerminal) return undefined;
    const put = async (): Promise<boolean> => {
      signal.throwIfAborted();
      const answer = await io.stdin.readLine(`${question} [y/N] `, signal);
      signal.throwIfAborted();
      return /^y(es)?$/iu.test(answer.trim());
    };
    const answer = answers.get(question) ?? last.then(put);
    answers.set(question, answer);
    last = answer.catch(() => undefined);
    return answer;
  };
}
