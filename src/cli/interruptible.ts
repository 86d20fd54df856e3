import type { Io } from "./io.ts";

/** Thrown where a person ended what there was no answer to yet. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

const KILLED = 130;

/** Does work that the first interrupt aborts and the second kills. Throws `Interrupted` after the first. */
export async function interruptible<Result>(
  io: Pick<Io, "onInterrupt" | "exitNow">,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const takeBack = io.onInterrupt(() => {
    if (controller.signal.aborted) io.exitNow(KILLED);
    controller.abort(new Interrupted());
  });
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    takeBack();
  }
}
