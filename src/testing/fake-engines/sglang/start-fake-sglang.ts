import { setTimeout as sleep } from "node:timers/promises";
import type { FakeReply } from "../../fake-openai/fake-reply.ts";
import type { Counted } from "../../fake-openai/render-frames.ts";
import type { FakeRequestBody } from "../../fake-openai-server.ts";
import { createCore } from "../engine-core.ts";
import { fields, refuse, respond, serve, type Exchange } from "../exchange.ts";
import { modelFacts, type Death, type FakeEngine, type FakeEngineOptions, type ModelFacts, type Refusal } from "../fake-engine.ts";
import { promptOf } from "../prompt-of.ts";
import { chatDocument, chatFrames } from "./chat-shape.ts";

/** One model, whatever a request calls it. With `loadMs` its health is 503 for so long. */
export interface FakeSglangOptions extends FakeEngineOptions {
  /** `--tool-call-parser`; without it calls of the model's own stay in the text. True by default. */
  readonly toolCallParser?: boolean;
  /** `--reasoning-parser`; without it thoughts stay in the text, in tags. True by default. */
  readonly reasoningParser?: boolean;
  /** `--enable-cache-report`: cached tokens. */
  readonly cacheReport?: boolean;
  /** `--enable-metrics` */
  readonly metrics?: boolean;
  /** How long a health check takes, for it generates a token; 1000 by default. */
  readonly healthMs?: number;
}

export interface FakeSglang extends FakeEngine {
  /** While it starts its health is 503: for so many milliseconds, or until told otherwise. */
  setLoading(loading: number | boolean): void;
}

const STOPPED = error(500, "Internal server error: the scheduler has stopped.", "InternalServerError");
/** In a stream the error has a wrapper that it does not have elsewhere. */
const ABORTED: Death = { ...STOPPED, frame: { error: STOPPED.body } };

/** A server on 127.0.0.1 that behaves as SGLang does, good and bad. */
export async function startFakeSglang(options: FakeSglangOptions = {}): Promise<FakeSglang> {
  const { apiKey, version = "0.5.6", toolCallParser = true, reasoningParser = true, cacheReport = false, metrics = false } = options;
  const { healthMs = 1000, slots = 256, loadMs = 0 } = options;
  const core = createCore(options, { slots: 256, sharing: "blocks", readsOn: false });
  const [model] = modelFacts(options, {});
  if (model === undefined) throw new TypeError("A fake SGLang needs a model.");
  let loadingUntil = Date.now() + loadMs;

  const health = async ({ response }: Exchange): Promise<void> => {
    if (Date.now() < loadingUntil) return void response.writeHead(503).end();
    await sleep(healthMs);
    response.writeHead(200, { "content-length": 0 }).end();
  };

  const chat = async (exchange: Exchange): Promise<void> => {
    const body = fields(exchange) as FakeRequestBody;
    if (!Array.isArray(body.messages)) return refuse(exchange, error(400, "messages: Field required", "Bad Request"));
    const { model: name = "default", tool_choice: choice = "auto" } = body;
    const index = core.record(exchange, body, name);
    if (body.messages.length === 0) return refuse(exchange, error(400, "Messages cannot be empty.", "BadRequestError"));
    const wish = { model: name, cacheReport, withUsage: body.stream_options?.include_usage === true };
    const limit = body.max_tokens ?? body["max_completion_tokens"];
    const parsesCalls = choice === "none" ? false : toolCallParser || choice !== "auto";
    await core.answer(exchange, {
      index,
      lane: model.id,
      prompt: promptOf(body),
      maxTokens: typeof limit === "number" ? limit : Infinity,
      streamed: body.stream === true,
      flow: { doneAfterError: true },
      headersFirst: false,
      hear: (reply) => hear(reply, { reasoningParser, parsesCalls }),
      fit: (counted) => fit(counted, model, typeof limit === "number" ? limit : 0),
      frames: (said) => chatFrames(said, wish),
      document: (said) => chatDocument(said, wish),
    });
  };

  const modelInfo = (exchange: Exchange): Promise<void> =>
    respond(exchange, {
      model_path: model.id,
      tokenizer_path: model.id,
      is_generation: true,
      preferred_sampling_params: null,
      weight_version: "default",
      has_image_understanding: model.vision,
    });
  const serverInfo = (exchange: Exchange): Promise<void> =>
    respond(exchange, {
      model_path: model.id,
      served_model_name: model.id,
      context_length: model.contextTokens,
      max_running_requests: slots,
      tool_call_parser: toolCallParser ? "qwen25" : null,
      reasoning_parser: reasoningParser ? "qwen3" : null,
      enable_cache_report: cacheReport,
      max_total_num_tokens: options.sharedPool ?? model.contextTokens * 4,
      internal_states: [{ last_gen_throughput: 50 }],
      version,
    });

  const engine = await serve({
    core,
    port: options.port,
    routes: {
      "GET /health": health,
      "GET /health_generate": health,
      "GET /get_model_info": modelInfo,
      "GET /model_info": modelInfo,
      "GET /get_server_info": serverInfo,
      "GET /server_info": serverInfo,
      "GET /v1/models": (exchange) => respond(exchange, { object: "list", data: [modelPage(model)] }),
      ...(metrics ? { "GET /metrics": (exchange: Exchange) => respond(exchange, metricsPage(core.counts.open, core.counts.waiting)) } : {}),
      "POST /v1/chat/completions": chat,
    },
    guard: ({ path, headers }) =>
      apiKey === undefined || path.startsWith("/health") || headers.authorization === `Bearer ${apiKey}`
        ? undefined
        : { status: 401, body: { error: "Unauthorized" } },
    unknown: () => ({ status: 404, body: { detail: "Not Found" } }),
    unload: () => core.kill(model.id, ABORTED),
  });
  const setLoading = (loading: number | boolean): void => {
    loadingUntil = typeof loading === "number" ? Date.now() + loading : loading ? Infinity : 0;
  };
  return Object.assign(engine, { setLoading });
}

/** Flat, without a wrapper. */
function error(status: number, message: string, type: string): Refusal & { readonly body: object } {
  return { status, body: { object: "error", message, type, param: null, code: status } };
}

function hear(reply: FakeReply, flags: { readonly reasoningParser: boolean; readonly parsesCalls: boolean }): FakeReply {
  const { reasoningAs = flags.reasoningParser ? "reasoning_content" : "think-tags" } = reply;
  return { ...reply, reasoningAs, ...(flags.parsesCalls ? {} : { toolCallsAs: "text" as const }) };
}

function fit(counted: Counted, { contextTokens }: ModelFacts, limit: number): Counted | Refusal {
  const { promptTokens } = counted;
  if (promptTokens > contextTokens) {
    const message = `The input (${promptTokens} tokens) is longer than the model's context length (${contextTokens} tokens).`;
    return error(400, message, "BadRequestError");
  }
  if (promptTokens + limit <= contextTokens) return counted;
  const sum = `${promptTokens + limit} tokens: ${promptTokens} tokens from the input messages and ${limit} tokens for the completion`;
  const message = `Requested token count exceeds the model's maximum context length of ${contextTokens} tokens. You requested a total of ${sum}. Please reduce the number of tokens in the input messages or the completion to fit within the limit.`;
  return error(400, message, "BadRequestError");
}

function modelPage({ id, contextTokens }: ModelFacts): object {
  return { id, object: "model", created: 1_790_000_000, owned_by: "sglang", root: id, max_model_len: contextTokens };
}

function metricsPage(running: number, waiting: number): string {
  return `# TYPE sglang:num_running_reqs gauge\nsglang:num_running_reqs ${running}.0\n# TYPE sglang:num_queue_reqs gauge\nsglang:num_queue_reqs ${waiting}.0\n`;
}
