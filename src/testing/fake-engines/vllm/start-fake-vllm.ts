import type { FakeReply } from "../../fake-openai/fake-reply.ts";
import type { Counted } from "../../fake-openai/render-frames.ts";
import type { FakeRequestBody } from "../../fake-openai-server.ts";
import { createCore } from "../engine-core.ts";
import { fields, refuse, respond, serve, type Exchange } from "../exchange.ts";
import { modelFacts, type FakeEngine, type FakeEngineOptions, type ModelFacts, type Refusal } from "../fake-engine.ts";
import { tokensOf } from "../prompt-cache.ts";
import { promptOf } from "../prompt-of.ts";
import { chatDocument, chatFrames, type VllmWish } from "./chat-shape.ts";
import { error, invalidChat, malformed, namedTool } from "./validate.ts";

/** One model; the names after the first are aliases of it. It listens when it has loaded, so `loadMs` is the time until it starts. */
export interface FakeVllmOptions extends FakeEngineOptions {
  /** `--enable-auto-tool-choice` and `--tool-call-parser`; true by default. */
  readonly toolCalls?: boolean;
  /** `--reasoning-parser`; without it thoughts stay in the text, in tags. True by default. */
  readonly reasoningParser?: boolean;
  /** `--enable-prompt-tokens-details`: cached tokens. */
  readonly promptDetails?: boolean;
  /** `--enable-force-include-usage`: a running usage in every chunk. */
  readonly forcedUsage?: boolean;
  /** `--enable-per-request-metrics` */
  readonly requestMetrics?: boolean;
  /** Only whole blocks of a prompt are cached; 16 tokens by default. */
  readonly blockTokens?: number;
}

const DEAD = error(500, "EngineCore encountered an issue. See stack trace (above) for the root cause.", "InternalServerError");
const UNAUTHORIZED = { status: 401, body: { error: "Unauthorized" } };
const NOT_FOUND = { status: 404, body: { detail: "Not Found" } };

/** A server on 127.0.0.1 that behaves as vLLM does, good and bad. */
export async function startFakeVllm(options: FakeVllmOptions = {}): Promise<FakeEngine> {
  const { toolCalls = true, reasoningParser = true, promptDetails = false, forcedUsage = false, requestMetrics = false } = options;
  const { apiKey, version = "0.32.0", blockTokens = 16, loadMs = 0 } = options;
  const core = createCore(options, { slots: 256, sharing: "blocks", blockTokens, readsOn: false });
  const models = modelFacts(options, {});
  const [model] = models;
  if (model === undefined) throw new TypeError("A fake vLLM needs a model.");
  let dead = false;
  await new Promise((resolve) => {
    setTimeout(resolve, loadMs);
  });

  const chat = async (exchange: Exchange): Promise<void> => {
    if (dead) return refuse(exchange, DEAD);
    if (exchange.json === undefined) return refuse(exchange, malformed("json_invalid", "body.0", "JSON decode error"));
    const body = fields(exchange) as FakeRequestBody;
    const { model: name = model.id, stream_options: asked } = body;
    const index = core.record(exchange, body, name);
    const refusal = models.some(({ id }) => id === name) ? invalidChat(body, model, { toolCalls }) : unknownModel(name, models);
    if (refusal !== undefined) return refuse(exchange, refusal);
    const wish: VllmWish = {
      model: name,
      version,
      promptDetails,
      requestMetrics,
      withUsage: forcedUsage || asked?.include_usage === true,
      runningUsage: forcedUsage || (asked !== undefined && "continuous_usage_stats" in asked && asked.continuous_usage_stats === true),
      named: namedTool(body.tool_choice) !== undefined,
      required: body.tool_choice === "required",
    };
    await core.answer(exchange, {
      index,
      lane: model.id,
      prompt: promptOf(body),
      maxTokens: limitOf(body, model),
      streamed: body.stream === true,
      flow: { doneAfterError: true },
      headersFirst: true,
      hear: (reply) => hear(reply, { reasoningParser, calls: body.tool_choice !== "none" }),
      fit: (counted) => fit(counted, model, body.max_tokens),
      frames: (said) => chatFrames(said, wish),
      document: (said) => chatDocument(said, wish),
    });
  };

  const tokenize = async (exchange: Exchange): Promise<void> => {
    const { prompt, messages } = fields(exchange);
    const text = typeof prompt === "string" ? prompt : promptOf({ messages: (messages ?? []) as FakeRequestBody["messages"] });
    const tokens = Array.from({ length: tokensOf(text) }, (_, place) => place);
    await respond(exchange, { count: tokens.length, max_model_len: model.contextTokens, tokens, token_strs: null });
  };

  return serve({
    core,
    port: options.port,
    routes: {
      "GET /health": (exchange) => empty(exchange, dead ? 503 : 200),
      "GET /ping": (exchange) => empty(exchange, 200),
      "GET /version": (exchange) => respond(exchange, { version }),
      "GET /load": (exchange) => respond(exchange, { server_load: 0 }),
      "GET /metrics": (exchange) => respond(exchange, metricsPage(core.counts.open, core.counts.waiting)),
      "POST /tokenize": tokenize,
      "GET /v1/models": (exchange) => respond(exchange, { object: "list", data: models.map((entry) => modelPage(entry, model)) }),
      "POST /v1/chat/completions": chat,
      "GET /v1/chat/completions": (exchange) => respond(exchange, { detail: "Method Not Allowed" }, 405),
    },
    guard: ({ path, headers }) =>
      apiKey === undefined || !path.startsWith("/v1") || headers.authorization === `Bearer ${apiKey}` ? undefined : UNAUTHORIZED,
    unknown: () => NOT_FOUND,
    unload: () => {
      dead = true;
      core.kill(model.id, DEAD);
    },
  });
}

async function empty({ response }: Exchange, status: number): Promise<void> {
  response.writeHead(status, { "content-length": 0 }).end();
}

function hear(reply: FakeReply, { reasoningParser, calls }: { readonly reasoningParser: boolean; readonly calls: boolean }): FakeReply {
  const { reasoningAs = reasoningParser ? "reasoning" : "think-tags" } = reply;
  return { ...reply, reasoningAs, ...(calls ? {} : { toolCallsAs: "text" as const }) };
}

/** Without a limit of its own an answer may fill the context. */
function limitOf({ max_tokens: limit }: FakeRequestBody, { contextTokens }: ModelFacts): number {
  return limit ?? contextTokens;
}

/** The true size of what is too long is not told. */
function fit(counted: Counted, { contextTokens }: ModelFacts, limit = 1): Counted | Refusal {
  const { promptTokens } = counted;
  if (promptTokens + limit <= contextTokens) return counted;
  const maximum = `This model's maximum context length is ${contextTokens} tokens. However,`;
  if (promptTokens > contextTokens) {
    const least = contextTokens + 1;
    const message = `${maximum} your prompt contains at least ${least} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${least})`;
    return error(400, message, "BadRequestError", "input_tokens");
  }
  const least = contextTokens - limit + 1;
  const message = `${maximum} you requested ${limit} output tokens and your prompt contains at least ${least} input tokens, for a total of at least ${contextTokens + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=${least})`;
  return error(400, message, "BadRequestError", "input_tokens");
}

function unknownModel(name: string, models: readonly ModelFacts[]): Refusal {
  const aliases = models.map(({ id }) => id).join(", ");
  return error(404, `The model \`${name}\` does not exist. Valid aliases: ${aliases}.`, "NotFoundError", "model");
}

function modelPage({ id }: ModelFacts, { id: root, contextTokens }: ModelFacts): object {
  const created = 1_790_000_000;
  const permission = {
    id: "modelperm-fake",
    object: "model_permission",
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: "*",
    group: null,
    is_blocking: false,
  };
  return {
    id,
    object: "model",
    created,
    owned_by: "vllm",
    root: `models/${root}`,
    parent: null,
    max_model_len: contextTokens,
    permission: [permission],
  };
}

function metricsPage(running: number, waiting: number): string {
  return `# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running ${running}.0\n# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting ${waiting}.0\n`;
}
