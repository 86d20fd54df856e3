import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import { withoutSecrets } from "../../http/without-secrets.ts";
import type { PullProgress } from "../engine.ts";
import type { EngineServer } from "../engine-server.ts";
import { count, text } from "../sourced.ts";
import { createJsonLines } from "./json-lines.ts";

/** Has Ollama fetch a model; leaving stops it unless others pull the same. Bytes are those of all layers that were named so far. */
export async function* pullModel(server: EngineServer, model: string, signal: AbortSignal): AsyncGenerator<PullProgress, void> {
  const url = `${server.origin}/api/pull`;
  const response = await fetchModel(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(server.apiKey === undefined ? {} : { authorization: `Bearer ${server.apiKey}` }) },
    body: JSON.stringify({ model }),
    signal,
  });
  const { apiKey } = server;
  if (!response.ok || response.body === null) throw answeredBadly(url, withoutSecrets(await response.text(), [apiKey]), response.status);
  const layers = new Map<string, Layer>();
  let last: Json = {};
  for await (const line of linesOf(response.body)) {
    if (line.error !== undefined) throw answeredBadly(url, withoutSecrets(JSON.stringify(line), [apiKey]));
    last = line;
    yield progressOf(line, layers);
  }
  if (last.status !== "success") throw answeredBadly(url, { error: `the download of ${model} ended before it was complete` }, 500);
}

interface Layer {
  readonly total: number;
  readonly completed: number;
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Json, void> {
  const lines = createJsonLines();
  const decoder = new TextDecoder();
  for await (const bytes of body) yield* objects(lines.feed(decoder.decode(bytes, { stream: true })));
  yield* objects(lines.end());
}

function objects(lines: ReturnType<ReturnType<typeof createJsonLines>["end"]>): readonly Json[] {
  return lines.flatMap((line) => (line.type === "object" && isJson(line.value) ? [line.value] : []));
}

function progressOf({ status, digest, total, completed }: Json, layers: Map<string, Layer>): PullProgress {
  const [name, size] = [text(digest), count(total)];
  if (name === undefined || size === undefined) return { doing: text(status) ?? "pulling" };
  layers.set(name, { total: size, completed: count(completed) ?? 0 });
  const all = [...layers.values()];
  return {
    receivedBytes: all.reduce((sum, layer) => sum + layer.completed, 0),
    totalBytes: all.reduce((sum, layer) => sum + layer.total, 0),
  };
}
