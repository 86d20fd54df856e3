import type { FileSource } from "../files/read-source.ts";
import type { TakenFile } from "../files/take-in.ts";
import type { CouncilRun } from "./create-council.ts";

/**
 * A run that begins with files: at once where they are taken in already, else once they are. What `begin` throws or checking them does,
 * result and frames of a run that had to wait reject with.
 */
export function withFiles(
  files: readonly (FileSource | TakenFile)[],
  runId: string,
  begin: (files: readonly TakenFile[]) => CouncilRun,
): CouncilRun {
  if (files.every(isTaken)) return begin(files);
  return later(runId, async () => {
    const { takeIn } = await import("../files/take-in.ts");
    return begin(await takeIn(files));
  });
}

function isTaken(file: FileSource | TakenFile): file is TakenFile {
  return typeof file === "object" && "attachment" in file;
}

function later(runId: string, begin: () => Promise<CouncilRun>): CouncilRun {
  let isStopped = false;
  let run: CouncilRun | undefined;
  const begun = begin().then((started) => {
    run = started;
    if (isStopped) run.stop();
    return run;
  });
  const result = begun.then((started) => started.result);
  result.catch(() => undefined);
  return {
    runId,
    result,
    stop() {
      isStopped = true;
      run?.stop();
    },
    async *[Symbol.asyncIterator]() {
      yield* await begun;
    },
  };
}
