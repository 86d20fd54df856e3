import { MassgenError } from "../core/errors.ts";
import type { RunEvent } from "../core/facts.ts";
import type { Blobs } from "../log/blobs.ts";

/** Throws `config` where a run that is to go on names a file whose contents are gone. */
export function requireBlobs(events: readonly RunEvent[], blobs: Blobs): void {
  const [started] = events;
  if (started?.type !== "run-started" || events.at(-1)?.type === "run-ended") return;
  const attachments = [...(started.attachments ?? []), ...started.history.flatMap((turn) => turn.attachments ?? [])];
  const gone = attachments.find(({ id }) => blobs.read(id) === undefined);
  if (gone === undefined) return;
  throw new MassgenError("config", `The file ${gone.name}, which run "${started.runId}" was asked about, is not kept any more.`, {
    hint: "Ask again with the file attached; massgen show still shows what there is of the run.",
  });
}
