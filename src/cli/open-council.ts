import type { Surroundings } from "../config/council.ts";
import type { Turn } from "../core/facts/settings.ts";
import type { FileSource } from "../files/read-source.ts";
import type { TakenFile } from "../files/take-in.ts";
import { type Council, createCouncil } from "../library/create-council.ts";
import { type Blobs, createFolderBlobs, createMemoryBlobs } from "../log/blobs.ts";
import { createMemoryLog } from "../log/memory-log.ts";
import { openSqliteLog } from "../log/sqlite-log.ts";
import { rememberedExperiences } from "../models/experience-store.ts";
import { readAllowed } from "./allowed.ts";
import type { AskOptions } from "./ask-options.ts";
import { librarySeats } from "./library-seats.ts";
import { planCouncil, seatCouncil, type Seating } from "./seat-council.ts";
import { foldersOf, logFileOf, type Session } from "./session.ts";
import { surroundingsOf } from "./surroundings.ts";
import { checkSeats } from "./check-seats.ts";
import type { Watching } from "./watch-run.ts";

/** A council as the flags ask for it, and what was said before. */
export interface Prepared {
  readonly seating: Seating;
  readonly history: readonly Turn[];
  /** What goes with the first question. */
  readonly files: readonly TakenFile[];
  /** Whether its runs are kept on disk. */
  readonly isKept: boolean;
}

/** Reads, chooses, builds. Throws what those throw. */
export async function prepareCouncil(options: AskOptions, session: Session, signal: AbortSignal): Promise<Prepared> {
  const history = options.history === undefined ? [] : await (await import("./history-of.ts")).historyOf(options.history, session);
  // Choosing a council may fetch a model: no file that cannot be taken is worth that.
  const given = await filesOf(options.attachments);
  const surroundings = surroundingsOf(session);
  const planned = await planCouncil({ ...options, isCloudAllowed: readAllowed(session).cloud }, surroundings, signal);
  for (const secret of planned.plan.secrets ?? []) session.secrets.add(secret);
  const files = await filesOf([...(planned.attachments ?? []), ...given]);
  const isKept = !options.noLogs && planned.ui?.logging_enabled !== false;
  const seating = await seatCouncil(planned, isKept ? surroundings : readingOnly(surroundings, session), signal);
  for (const secret of seating.council.secrets) session.secrets.add(secret);
  checkSeats(files, seating.council.seats);
  return { seating, history, files, isKept };
}

/** What was learned of models is used, and nothing is added to it. */
function readingOnly(surroundings: Surroundings, { io }: Session): Surroundings {
  return { ...surroundings, experience: rememberedExperiences(foldersOf(io).experience, Date.now) };
}

/** Checked before any server is asked for anything. */
export async function filesOf(files: readonly (FileSource | TakenFile)[]): Promise<readonly TakenFile[]> {
  return files.length === 0 ? [] : (await import("../files/take-in.ts")).takeIn(files);
}

/** A council that can be asked, as often as one likes. */
export interface OpenCouncil {
  readonly council: Council;
  readonly watching: Watching;
  /** Where its runs are kept; undefined where they are not. */
  readonly logPath?: string;
  close(): Promise<void>;
}

/** Whether a council of one was to be asked without one. */
export function isDirect({ council, ui }: Seating): boolean {
  return council.seats.length === 1 && ui?.use_orchestrator_for_single_agent === false;
}

/** Files of earlier runs are read from disk, new ones are written there only where the run is. */
function blobsIn(folder: string, isKept: boolean): Blobs {
  const [onDisk, held] = [createFolderBlobs(folder), createMemoryBlobs()];
  return isKept ? onDisk : { put: (bytes) => held.put(bytes), read: (id) => held.read(id) ?? onDisk.read(id) };
}

/** Throws where log or log file cannot be opened. */
export function openCouncil({ seating, isKept }: Prepared, options: AskOptions, session: Session): OpenCouncil {
  const { council: built, settings, ui } = seating;
  const logFile = logFileOf(session);
  const logPath = foldersOf(session.io).log;
  const log = isKept ? openSqliteLog(logPath) : createMemoryLog();
  const blobs = blobsIn(foldersOf(session.io).blobs, isKept);
  const council = createCouncil({
    seats: librarySeats(built.seats),
    settings,
    log,
    blobs,
    secrets: built.secrets,
    clock: session.io.clock,
  });
  const noDisplay = options.noDisplay || ui?.display_type === "simple";
  return {
    council,
    watching: { strict: options.strict, noDisplay, isKept, ...(logFile && { logFile }), ...(isDirect(seating) && { direct: built }) },
    ...(isKept && { logPath }),
    async close() {
      await council.close();
      log.close();
      logFile?.close();
    },
  };
}
