import type { RunEvent } from "../core/facts.ts";
import type { RunEnded } from "../core/facts/run.ts";
import type { CouncilRun, RunResult } from "../library/create-council.ts";
import { troubleText } from "../views/outcome-text.ts";
import { plainText } from "../views/plain-text.ts";
import { noProgress, type Progress, progressOf } from "../views/progress.ts";
import { timelineOf } from "../views/timeline.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { LogFile } from "./log-file.ts";
import { createRawOutput, type RawOutput } from "./raw-output.ts";
import type { Session } from "./session.ts";
import { shortened, statusLine } from "./status-line.ts";

export interface Watching {
  readonly strict: boolean;
  /** No line that is drawn over again. */
  readonly noDisplay: boolean;
  /** Whether the run is in a log from which it can be resumed. */
  readonly isKept: boolean;
  /** Events that were told in an earlier process. */
  readonly alreadyTold?: number;
  readonly logFile?: LogFile;
  /** The only agent is written out as it comes; what must not be in it. */
  readonly direct?: { readonly secrets: readonly string[] };
}

const KILLED = 130;
const REDRAW_MS = 100;
const IDLE_REDRAW_MS = 1_000;

/** Tells a run as it goes on, writes its answer, and returns the exit code. The first interrupt ends the run, the second the process. */
export async function watchRun(run: CouncilRun, session: Session, watching: Watching): Promise<number> {
  const { io, narrator } = session;
  const raw = watching.direct === undefined || session.output.json ? undefined : createRawOutput(io.stdout, watching.direct.secrets);
  const live = narrator.isLive && !watching.noDisplay && raw === undefined ? liveStatus(session) : undefined;
  const ignoreInterrupts = io.onInterrupt(interrupts(run, session, watching, raw));
  try {
    await tellAll(run, session, watching, { live, raw });
    const ended = await resultOf(run, session, watching);
    if (raw === undefined) writeAnswer(ended, session);
    if (session.output.level !== "quiet") for (const text of ended.afterwards) narrator.line({ tone: "plain", text });
    return await finish(ended, session, watching.strict);
  } finally {
    ignoreInterrupts();
    live?.end();
  }
}

interface Shown {
  readonly live: LiveStatus | undefined;
  readonly raw: RawOutput | undefined;
}

async function tellAll(run: CouncilRun, session: Session, watching: Watching, { live, raw }: Shown): Promise<void> {
  let progress = noProgress;
  for await (const frame of run) {
    if (frame.type === "event") raw?.event(frame.event);
    else if (frame.delta.type === "text") raw?.text(frame.delta.text);
    if (frame.type === "delta" && live === undefined) continue;
    progress = progressOf(progress, frame.type === "delta" ? { ...frame, at: session.io.clock.now() } : frame);
    live?.show(progress);
    if (frame.type === "event") tell(frame.event, progress, session, watching);
  }
}

function tell(event: RunEvent, progress: Progress, { io, output, narrator }: Session, { logFile, alreadyTold = 0 }: Watching): void {
  if (output.json) io.stdout.write(`${JSON.stringify(event)}\n`);
  if (event.seq <= alreadyTold) return;
  logFile?.write(event);
  if (output.level === "quiet") return;
  for (const line of timelineOf(event, progress, output.level)) narrator.line(line);
}

/** The log could not be written where this throws; what is in it is whole. */
async function resultOf(run: CouncilRun, { narrator }: Session, { isKept }: Watching): Promise<RunResult> {
  try {
    return await run.result;
  } catch (error) {
    if (isKept) narrator.line({ tone: "warning", text: `massgen resume ${run.runId} goes on with this run.` });
    throw error;
  }
}

/** Writes the answer where it belongs. With `--json` it was there in the last event. */
export function writeAnswer({ answer }: RunEnded, { io, output }: Session): void {
  if (output.json || answer === null) return;
  const text = io.stdout.isTerminal ? plainText(answer) : answer;
  io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Waits until all is written, says at `quiet` what went wrong, and returns the exit code. */
export async function finish(ended: RunEnded, { io, output, narrator }: Session, strict: boolean): Promise<number> {
  await io.stdout.flushed();
  const code = exitCodeOf(ended, strict);
  if (output.level === "quiet" && code !== 0) narrator.error(troubleText(ended));
  return code;
}

function interrupts(run: CouncilRun, { io, narrator }: Session, { isKept }: Watching, raw: RawOutput | undefined): () => void {
  let times = 0;
  return () => {
    times += 1;
    if (times === 1) {
      run.stop();
      raw?.endLine();
      narrator.line({ tone: "warning", text: "Interrupt once more to end the process at once." });
      return;
    }
    narrator.status("");
    narrator.error(isKept ? `Killed. massgen resume ${run.runId} goes on with this run.` : "Killed.");
    io.exitNow(KILLED);
  };
}

interface LiveStatus {
  show(progress: Progress): void;
  end(): void;
}

/** Redraws at most ten times a second, what came last is never left out, and once a second while nothing happens. */
function liveStatus({ io, narrator }: { readonly io: Pick<Io, "clock">; readonly narrator: Session["narrator"] }): LiveStatus {
  const { clock } = io;
  let latest = noProgress;
  let drawnAt = -Infinity;
  let cancel = (): void => undefined;
  const drawAt = (at: number): void => {
    cancel();
    cancel = clock.schedule(at, draw);
  };
  const draw = (): void => {
    drawnAt = clock.now();
    const status = statusLine(latest, drawnAt);
    narrator.status(status, shortened(status));
    drawAt(drawnAt + IDLE_REDRAW_MS);
  };
  const end = (): void => {
    cancel();
    narrator.status("");
  };
  return {
    show(progress) {
      latest = progress;
      if (progress.state?.ended !== undefined) end();
      else if (clock.now() - drawnAt >= REDRAW_MS) draw();
      else drawAt(drawnAt + REDRAW_MS);
    },
    end,
  };
}
