import type { Counted } from "../../fake-openai/render-frames.ts";
import { ndjson, sendEvents, sse } from "../../fake-openai/send-reply.ts";
import type { FakeRequestBody } from "../../fake-openai-server.ts";
import { createCore, type Turn } from "../engine-core.ts";
import { fields, refuse, respond, serve, type Exchange } from "../exchange.ts";
import { modelFacts, type FakeEngine, type FakeEngineOptions, type FakeModel, type ModelFacts, type Refusal } from "../fake-engine.ts";
import { promptOf } from "../prompt-of.ts";
import { chatAnswer, chatLines, generateAnswer, generateLines, loadAnswer, type Asked } from "./native-shape.ts";
import { pullLines, runnerPage, showPage, tagOf } from "./pages.ts";
import { createRunners, keepMsOf, type Runner } from "./runners.ts";
import { invalidHistory, invalidRequest } from "./validate.ts";
import { v1Document, v1Frames } from "./v1-shape.ts";

export interface FakeOllamaOptions extends FakeEngineOptions {
  /** Requests that may wait; the next one is refused as too many. */
  readonly maxQueue?: number;
  /** Models that can be pulled. */
  readonly catalog?: readonly (string | FakeModel)[];
}

const POOL_FULL = { status: 500, body: { error: "Context size has been exceeded." } };
const BUSY = { status: 503, body: { error: "server busy, please try again.  maximum pending requests exceeded" } };
const TOO_LONG = { status: 400, body: { error: "the input length exceeds the context length" } };

/** What differs between the endpoints that generate. */
interface Endpoint {
  readonly body: FakeRequestBody;
  readonly think: unknown;
  readonly maxTokens: unknown;
  readonly contextTokens?: number | undefined;
  readonly shape: (asked: Asked) => Pick<Turn, "frames" | "document" | "streamed" | "flow" | "wordError">;
}

/** A server on 127.0.0.1 that behaves as Ollama does, good and bad. */
export async function startFakeOllama(options: FakeOllamaOptions = {}): Promise<FakeEngine> {
  const { maxQueue = 512, version = "0.33.0" } = options;
  const core = createCore(options, { slots: 1, sharing: "slot", readsOn: true, poolDeath: POOL_FULL });
  const withTag = (model: ModelFacts): ModelFacts => ({ ...model, id: tagged(model.id) });
  let models = modelFacts(options, {}).map(withTag);
  const catalog = modelFacts({ ...options, models: options.catalog ?? [] }, {}).map(withTag);
  const runners = createRunners(models, options, core);

  const find = (name: unknown): ModelFacts | undefined => models.find(({ id }) => id === tagged(String(name)));

  const generate = async (exchange: Exchange, endpoint: Endpoint): Promise<void> => {
    const { body, contextTokens } = endpoint;
    const native = exchange.path.startsWith("/api");
    const fail = (refusal: Refusal): Promise<void> => refuse(exchange, native ? refusal : v1Error(refusal));
    const name = body.model ?? "";
    if (name === "") return fail({ status: 400, body: { error: "model is required" } });
    const model = find(name);
    if (model === undefined) return fail(notFound(name));
    const keepMs = keepMsOf(native ? body["keep_alive"] : undefined);
    const index = core.record(exchange, body, model.id);
    const invalid = invalidRequest(body, model, { name, think: endpoint.think });
    if (invalid !== undefined) return fail(invalid);
    if (runners.waiting + core.counts.waiting >= maxQueue) return fail(BUSY);
    const runner = await runners.use(model, contextTokens ?? model.contextTokens);
    try {
      await core.answer(exchange, {
        index,
        lane: model.id,
        prompt: promptOf(body),
        maxTokens: limitOf(endpoint.maxTokens),
        headersFirst: false,
        hear: (reply) => (endpoint.think === false ? { ...reply, reasoning: "" } : reply),
        fit: (counted) => fit(counted, runner, native && body["truncate"] === false),
        ...endpoint.shape({ model: name, index }),
      });
    } finally {
      runners.release(runner, keepMs);
    }
  };

  /** A request without a prompt loads the model, or unloads it. */
  const preload = async (exchange: Exchange, chat: boolean): Promise<void> => {
    const body = fields(exchange);
    const model = find(body["model"]);
    if (model === undefined) return refuse(exchange, notFound(String(body["model"])));
    const keepMs = keepMsOf(body["keep_alive"]);
    const asked = { model: String(body["model"]), index: 0 };
    if (keepMs === 0 && !runners.list().some((runner) => runner.model.id === model.id)) {
      return respond(exchange, loadAnswer(asked, "unload", chat));
    }
    const loaded = runners.list().find((runner) => runner.model.id === model.id);
    const runner = await runners.use(model, contextOf(body) ?? (keepMs === 0 ? loaded?.contextTokens : undefined) ?? model.contextTokens);
    runners.release(runner, keepMs);
    await respond(exchange, loadAnswer(asked, keepMs === 0 ? "unload" : "load", chat));
  };

  const nativeChat = async (exchange: Exchange): Promise<void> => {
    if (exchange.json === undefined) return respond(exchange, { error: "unexpected EOF" }, 400);
    const body = fields(exchange) as FakeRequestBody;
    if (body.model !== undefined && (body.messages ?? []).length === 0) return preload(exchange, true);
    await generate(exchange, {
      body,
      think: body["think"],
      maxTokens: optionsOf(body)["num_predict"],
      contextTokens: contextOf(body),
      shape: (asked) => ({
        streamed: body.stream !== false,
        flow: { wire: ndjson },
        frames: (said) => chatLines(said, asked),
        document: (said) => chatAnswer(said, asked),
      }),
    });
  };

  const nativeGenerate = async (exchange: Exchange): Promise<void> => {
    if (exchange.json === undefined) return respond(exchange, { error: "unexpected EOF" }, 400);
    const { prompt, raw, ...body } = fields(exchange);
    if (typeof prompt !== "string" || prompt === "") return preload(exchange, false);
    await generate(exchange, {
      body: { ...body, messages: [{ role: "user", content: prompt }] },
      think: body["think"],
      maxTokens: optionsOf(body)["num_predict"],
      contextTokens: contextOf(body),
      shape: (asked) => ({
        streamed: body["stream"] !== false,
        flow: { wire: ndjson },
        frames: (said) => generateLines(said, asked, raw === true),
        document: (said) => generateAnswer(said, asked, raw === true),
      }),
    });
  };

  const v1Chat = async (exchange: Exchange): Promise<void> => {
    if (exchange.json === undefined)
      return refuse(exchange, v1Error({ status: 400, body: { error: "unexpected EOF" } }, "invalid_request_error"));
    const body = fields(exchange) as FakeRequestBody;
    const invalid = invalidHistory(body);
    if (invalid !== undefined) return refuse(exchange, v1Error({ status: 400, body: { error: invalid } }, "invalid_request_error"));
    const effort = body["reasoning_effort"];
    await generate(exchange, {
      body,
      think: effort === "none" ? false : effort,
      maxTokens: body.max_tokens,
      shape: (asked) => ({
        streamed: body.stream === true,
        flow: { wire: sse },
        wordError: (error) => v1Error({ status: 500, body: error }).body as object,
        frames: (said) => v1Frames(said, asked, body.stream_options?.include_usage === true),
        document: (said) => v1Document(said, asked),
      }),
    });
  };

  const pull = async (exchange: Exchange): Promise<void> => {
    const { model: name, stream = true } = fields(exchange);
    const model = [...models, ...catalog].find(({ id }) => id === tagged(String(name)));
    const lines =
      model === undefined ? [{ status: "pulling manifest" }, { error: "pull model manifest: file does not exist" }] : pullLines(model);
    if (model !== undefined && !models.includes(model)) models = [...models, model];
    if (stream === false) return respond(exchange, lines.at(-1) ?? {}, model === undefined ? 500 : 200);
    await sendEvents(
      exchange.response,
      {},
      lines.map((data) => ({ token: true, data })),
      { wire: ndjson, stop: exchange.gone },
    );
  };

  const remove = async (exchange: Exchange): Promise<void> => {
    const { model: name } = fields(exchange);
    const model = find(name);
    if (model === undefined) return refuse(exchange, notFound(String(name)));
    models = models.filter((other) => other !== model);
    runners.kill(model.id);
    await respond(exchange, "");
  };

  const v1Model = ({ id }: ModelFacts): object => ({ id, object: "model", created: 1_790_000_000, owned_by: "library" });

  return serve({
    core,
    port: options.port,
    routes: {
      "GET /": (exchange) => respond(exchange, "Ollama is running"),
      "HEAD /": (exchange) => respond(exchange, ""),
      "GET /api/version": (exchange) => respond(exchange, { version }),
      "GET /api/tags": (exchange) => respond(exchange, { models: models.map(tagOf) }),
      "GET /api/ps": (exchange) => respond(exchange, { models: runners.list().map(runnerPage) }),
      "POST /api/show": (exchange) => {
        const { model: name } = fields(exchange);
        const model = find(name);
        return model === undefined ? refuse(exchange, notFound(String(name))) : respond(exchange, showPage(model));
      },
      "POST /api/chat": nativeChat,
      "POST /api/generate": nativeGenerate,
      "POST /api/pull": pull,
      "DELETE /api/delete": remove,
      "GET /v1/models": (exchange) => respond(exchange, { object: "list", data: models.map(v1Model) }),
      "GET /v1/models/*": (exchange) => {
        const name = decodeURIComponent(exchange.path.slice("/v1/models/".length));
        const model = find(name);
        return model === undefined ? refuse(exchange, v1Error(notFound(name))) : respond(exchange, { ...v1Model(model), id: name });
      },
      "POST /v1/chat/completions": v1Chat,
      "GET /v1/chat/completions": (exchange) => respond(exchange, "405 method not allowed", 405),
    },
    unknown: () => ({ status: 404, body: "404 page not found" }),
    unload: (id) => runners.kill(tagged(id)),
  });
}

function tagged(name: string): string {
  return name.includes(":") ? name : `${name}:latest`;
}

function optionsOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (body["options"] ?? {}) as Readonly<Record<string, unknown>>;
}

function contextOf(body: Readonly<Record<string, unknown>>): number | undefined {
  const { num_ctx: tokens } = optionsOf(body);
  return typeof tokens === "number" ? tokens : undefined;
}

/** Zero is no limit here. */
function limitOf(limit: unknown): number {
  return typeof limit === "number" && limit > 0 ? limit : Infinity;
}

/** What is too long loses its beginning, unless the request forbids it. */
function fit({ promptTokens, cachedTokens }: Counted, { contextTokens }: Runner, strict: boolean): Counted | Refusal {
  if (strict && promptTokens > contextTokens) return TOO_LONG;
  const left = Math.min(promptTokens, contextTokens);
  return { promptTokens: left, cachedTokens: Math.min(cachedTokens, left) };
}

function notFound(name: string): Refusal {
  return { status: 404, body: { error: `model '${name}' not found` } };
}

function v1Error({ status, body }: Refusal, type = "api_error"): Refusal {
  const { error } = body as { readonly error: unknown };
  return { status, body: { error: { message: String(error), type, param: null, code: null } } };
}
