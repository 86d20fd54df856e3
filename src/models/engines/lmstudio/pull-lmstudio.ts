import { setTimeout as sleep } from "node:timers/promises";
import { withoutUndefined } from "../../../core/without-undefined.ts";
import type { Json } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import type { PullProgress } from "../engine.ts";
import { type EngineServer, quietly } from "../engine-server.ts";
import { count, text } from "../sourced.ts";
import { nativeAnswer, postNative } from "./post-native.ts";

const DOWNLOAD = "/api/v1/models/download";
/** Looks in a row that may go unanswered while the machine is busy. */
const MOST_MISSED = 5;

/**
 * Has LM Studio fetch a model of its catalog or of Hugging Face, `NAME` or `NAME@QUANTIZATION`, and looks every `everyMs` how far it is.
 * LM Studio goes on when nobody looks any more.
 */
export async function* pullLmStudio(
  server: EngineServer,
  name: string,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<PullProgress, void> {
  const at = name.lastIndexOf("@");
  const wanted = at <= 0 ? { model: name } : { model: name.slice(0, at), quantization: name.slice(at + 1) };
  let job = await postNative(server, DOWNLOAD, wanted, signal);
  const id = text(job.job_id);
  for (;;) {
    if (job.status === "already_downloaded") return;
    if (!isUnderWay(job)) throw answeredBadly(`${server.origin}${DOWNLOAD}`, { error: { message: whyNot(name, job) } });
    yield progressOf(job);
    if (job.status === "completed") return;
    if (id === undefined) throw answeredBadly(`${server.origin}${DOWNLOAD}`, job);
    await sleep(everyMs, undefined, { signal });
    job = await look(server, id, signal);
  }
}

function isUnderWay({ status }: Json): boolean {
  return typeof status === "string" && !/fail|cancel|error/iu.test(status);
}

async function look(server: EngineServer, id: string, signal: AbortSignal): Promise<Json> {
  const path = `${DOWNLOAD}/status/${encodeURIComponent(id)}`;
  for (let missed = 0; missed < MOST_MISSED; missed += 1) {
    const answer = await quietly(server.get(path, signal));
    if (answer !== undefined) return nativeAnswer(server, path, answer);
  }
  return nativeAnswer(server, path, await server.get(path, signal));
}

function progressOf(job: Json): PullProgress {
  return withoutUndefined<PullProgress>({
    receivedBytes: job.downloaded_bytes === 0 ? 0 : count(job.downloaded_bytes),
    totalBytes: count(job.total_size_bytes),
    doing: doing(text(job.status)),
  });
}

function doing(status: string | undefined): string | undefined {
  if (status === "paused") return "paused in LM Studio";
  return status === "downloading" || status === "completed" ? undefined : status;
}

function whyNot(name: string, job: Json): string {
  return `The download of ${name} ended as ${text(job.status) ?? "nothing"}; LM Studio shows why.`;
}
