import type { FakeReply } from "../../fake-openai/fake-reply.ts";
import type { Counted } from "../../fake-openai/render-frames.ts";
import type { FakeRequestBody } from "../../fake-openai-server.ts";
import { createCore } from "../engine-core.ts";
import { fields, refuse, respond, serve, type Exchange, type Routes } from "../exchange.ts";
import { modelFacts, type FakeEngine, type FakeEngineOptions, type ModelFacts, type Refusal } from "../fake-engine.ts";
import { tokensOf } from "../prompt-cache.ts";
import { promptOf } from "../prompt-of.ts";
import { chatDocument, chatFrames, progressChunk } from "./chat-shape.ts";
import { metricsPage, modelsPage, propsPage, slotsPage } from "./pages.ts";
import { createRouter } from "./router.ts";
import { error, invalidChat } from "./validate.ts";

/** `contextTokens` is what one slot has. With `loadMs` the server begins with loading, except as a router. */
export interface FakeLlamaCppOptions extends FakeEngineOptions {
  /** Many models, loaded on demand; by default where there is more than one. */
  readonly router?: boolean;
  /** Whether a router loads what a request asks for; true by default. */
  readonly autoload?: boolean;
  readonly metrics?: boolean;
  /** Silence after which a stream gets a comment; 30 s by default. */
  readonly pingMs?: number;
}

export interface FakeLlamaCpp extends FakeEngine {
  /** While it loads every path answers 503: for so many milliseconds, or until told otherwise. */
  setLoading(loading: number | boolean): void;
}

const SLOTS = 4;
const HEADERS = { server: "llama.cpp" };
const LOADING = error(503, "Loading model", "unavailable_error");
const POOL_FULL = error(500, "Context size has been exceeded.", "server_error");
const NO_METRICS = error(501, "This server does not support metrics endpoint. Start it with `--metrics`", "not_supported_error");
const BROKEN_JSON = error(
  400,
  "[json.exception.parse_error.101] parse error at line 1: syntax error while parsing value - unexpected end of input",
  "invalid_request_error",
);

/** A server on 127.0.0.1 that behaves as llama-server does, good and bad. */
export async function startFakeLlamaCpp(options: FakeLlamaCppOptions = {}): Promise<FakeLlamaCpp> {
  const { slots = SLOTS, apiKey, pingMs = 30_000, metrics = false, version = "b9999-fake" } = options;
  const core = createCore(options, { slots: SLOTS, sharing: "slot", readsOn: true, writesOn: true, poolDeath: POOL_FULL });
  const models = modelFacts(options, {});
  const [served] = models;
  if (served === undefined) throw new TypeError("A fake llama-server needs a model.");
  const isRouter = options.router ?? models.length > 1;
  const router = createRouter(models, options, core);
  let loadingUntil = isRouter ? 0 : Date.now() + (options.loadMs ?? 0);

  const modelFor = async (name: unknown): Promise<ModelFacts | Refusal> => (isRouter ? router.route(name) : served);

  const chat = async (exchange: Exchange): Promise<void> => {
    if (exchange.json === undefined) return refuse(exchange, BROKEN_JSON);
    const body = fields(exchange) as FakeRequestBody;
    const index = core.record(exchange, body, body.model ?? served.id);
    const model = await modelFor(body.model);
    const refusal = "status" in model ? model : invalidChat(body, model);
    if (refusal !== undefined || "status" in model) return refuse(exchange, refusal ?? LOADING);
    const withProgress = body["return_progress"] === true;
    const seconds = body["sse_ping_interval"];
    await core.answer(exchange, {
      index,
      lane: model.id,
      prompt: promptOf(body),
      maxTokens: limitOf(body.max_tokens ?? body["max_completion_tokens"]),
      streamed: body.stream === true,
      flow: { pingMs: typeof seconds === "number" ? pingOf(seconds) : pingMs },
      headersFirst: true,
      headers: HEADERS,
      hear: (reply) => (model.tools ? reply : withoutTools(reply)),
      fit: (counted) => fit(counted, model),
      opening: (counted) => (withProgress ? [progressChunk(counted, counted.cachedTokens, { model: model.id, version })] : []),
      frames: (said) =>
        chatFrames(said, { model: model.id, version, withUsage: body.stream_options?.include_usage === true, withProgress }),
      document: (said) => chatDocument(said, { model: model.id, version }),
    });
  };

  /** A page about one model: in a router the one that the query names, which must be loaded. */
  const about =
    (page: (model: ModelFacts) => object) =>
    async (exchange: Exchange): Promise<void> => {
      const name = exchange.query.get("model");
      const model = isRouter ? models.find(({ id }) => id === name && router.isLoaded(id)) : served;
      await (model === undefined
        ? refuse(exchange, error(400, "model is not loaded", "invalid_request_error"))
        : respond(exchange, page(model)));
    };
  const health = (exchange: Exchange): Promise<void> => respond(exchange, { status: "ok" });
  const models1 = (exchange: Exchange): Promise<void> => respond(exchange, modelsPage(served));
  const single: Routes = { "GET /v1/models": models1, "GET /models": models1 };
  const template = (exchange: Exchange): string => promptOf({ messages: [], ...(fields(exchange) as Partial<FakeRequestBody>) });

  const engine = await serve({
    core,
    port: options.port,
    routes: {
      "GET /health": health,
      "GET /v1/health": health,
      "GET /props": about((model) => propsPage(model, slots, { metrics, version })),
      "GET /slots": about(({ id, contextTokens }) =>
        slotsPage(slots, contextTokens, { busy: core.running(id), used: core.counts.maxOpen }),
      ),
      "GET /metrics": (exchange) =>
        metrics ? respond(exchange, metricsPage(core.counts.open, core.counts.waiting)) : refuse(exchange, NO_METRICS),
      "POST /tokenize": (exchange) =>
        respond(exchange, { tokens: Array.from({ length: tokensOf(String(fields(exchange)["content"])) }, (_, place) => place) }),
      "POST /apply-template": (exchange) => respond(exchange, { prompt: template(exchange) }),
      "POST /v1/chat/completions/input_tokens": (exchange) =>
        respond(exchange, { input_tokens: tokensOf(template(exchange)), object: "response.input_tokens" }),
      "POST /v1/chat/completions": chat,
      ...(isRouter ? router.routes : single),
    },
    guard: ({ path, headers }) => {
      if (Date.now() < loadingUntil) return LOADING;
      const keys = [headers.authorization, `Bearer ${String(headers["x-api-key"])}`];
      const open = apiKey === undefined || path === "/health" || path === "/v1/health";
      return open || keys.includes(`Bearer ${apiKey}`) ? undefined : error(401, "Invalid API Key", "authentication_error");
    },
    unknown: () => error(404, "File Not Found", "not_found_error"),
    unload: (id) => router.unload(id),
  });
  const setLoading = (loading: number | boolean): void => {
    loadingUntil = typeof loading === "number" ? Date.now() + loading : loading ? Infinity : 0;
  };
  return Object.assign(engine, { setLoading });
}

/** A template that knows no tools never shows them to the model. */
function withoutTools(reply: FakeReply): FakeReply {
  if ((reply.toolCalls ?? []).length === 0) return reply;
  return { ...reply, toolCalls: [], text: reply.text ?? "Nobody showed me any tools, so this is what I think." };
}

/** Zero is one token, negative no limit. */
function limitOf(limit: unknown): number {
  return typeof limit === "number" && limit >= 0 ? Math.max(1, limit) : Infinity;
}

function pingOf(seconds: number): number {
  return seconds > 0 ? seconds * 1000 : Infinity;
}

function fit(counted: Counted, { contextTokens }: ModelFacts): Counted | Refusal {
  const { promptTokens } = counted;
  if (promptTokens <= contextTokens) return counted;
  const message = `request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`;
  return error(400, message, "exceed_context_size_error", { n_prompt_tokens: promptTokens, n_ctx: contextTokens });
}
