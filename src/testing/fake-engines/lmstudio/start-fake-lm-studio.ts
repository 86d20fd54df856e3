import type { Counted } from "../../fake-openai/render-frames.ts";
import { namedEvents, openStream } from "../../fake-openai/send-reply.ts";
import type { FakeRequestBody } from "../../fake-openai-server.ts";
import { createCore } from "../engine-core.ts";
import { fields, refuse, respond, serve, type Exchange, type Routes } from "../exchange.ts";
import { modelFacts, type FakeEngine, type ModelFacts, type Refusal } from "../fake-engine.ts";
import { promptOf } from "../prompt-of.ts";
import { chatDocument, chatFrames, v0Extras } from "./chat-shape.ts";
import { downloadRoutes, missingModel } from "./downloads.ts";
import { createLmStudioMemory, UNLOADED, type Instance } from "./memory.ts";
import { named, nativeDocument, nativeFrames, nativeMessages } from "./native-chat.ts";
import type { FakeLmStudioOptions } from "./options.ts";
import { loadConfig, v0Model, v1Models } from "./pages.ts";

const PARALLEL = 4;
const EVENTS = { status: 200, headers: { "content-type": "text/event-stream" } };
const POOL_FULL = { status: 400, body: { error: "Context size has been exceeded." } };

/** A server on 127.0.0.1 that behaves as LM Studio does, good and bad. */
export async function startFakeLmStudio(options: FakeLmStudioOptions = {}): Promise<FakeEngine> {
  const { jit = true, api = "v1", apiKey, slots = PARALLEL } = options;
  const core = createCore(options, { slots: PARALLEL, sharing: "slot", readsOn: true, poolDeath: POOL_FULL });
  let models = modelFacts(options, {});
  const catalog = modelFacts({ ...options, models: options.catalog ?? [] }, {});
  const memory = createLmStudioMemory(models, options, core);

  const instanceFor = async (name: unknown, ttlSeconds: number | undefined, onLoad: () => void): Promise<Instance | Refusal> => {
    const instances = memory.instances().filter(({ isReady }) => isReady);
    const named = instances.filter(({ id, model }) => id === name || model.id === name);
    const idle = named.find(({ id }) => !core.busy(id)) ?? named[0];
    if (idle !== undefined) return used(idle);
    const model = models.find(({ id }) => id === name);
    if (model !== undefined && jit) {
      const loaded = memory.load(model, { jit: true, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) });
      if ("status" in loaded) return loaded;
      onLoad();
      await loaded.ready;
      return memory.instances().includes(loaded) ? used(loaded) : UNLOADED;
    }
    const [only, ...others] = instances;
    if (only === undefined) return noModel("No models loaded. Please load a model in the developer page or use the 'lms load' command.");
    if (others.length > 0) return noModel("Multiple models are loaded. Please specify a model by providing a 'model' field.");
    return used(only);
  };

  const chat =
    (extras: boolean) =>
    async (exchange: Exchange): Promise<void> => {
      const body = fields(exchange) as FakeRequestBody;
      if (!Array.isArray(body.messages)) return respond(exchange, { error: "'messages' field is required" }, 400);
      const index = core.record(exchange, body, body.model ?? "");
      const invalid = invalidField(body);
      if (invalid !== undefined) return respond(exchange, { error: invalid }, 400);
      const instance = await instanceFor(body.model, body["ttl"] as number | undefined, () => undefined);
      if ("status" in instance) return refuse(exchange, instance);
      const withUsage = body.stream_options?.include_usage === true;
      await core.answer(exchange, {
        index,
        lane: instance.id,
        prompt: promptOf(body),
        maxTokens: limitOf(body.max_tokens),
        streamed: body.stream === true,
        flow: {},
        headersFirst: false,
        fit: (counted) => fit(counted, instance, options.overflow),
        frames: (said) => chatFrames(said, instance, withUsage),
        document: (said) => ({ ...chatDocument(said, instance), ...(extras ? v0Extras(said, instance) : {}) }),
      });
    };

  const nativeChat = async (exchange: Exchange): Promise<void> => {
    const body = fields(exchange);
    if (typeof body["model"] !== "string") return respond(exchange, missingModel(), 400);
    const asked = { ...body, messages: nativeMessages(body) } as FakeRequestBody;
    const index = core.record(exchange, asked, body["model"]);
    const streamed = body["stream"] === true;
    const flow = { wire: namedEvents };
    const begin = Date.now();
    let loadSeconds: number | undefined;
    const opening = (event: string): void => {
      if (streamed) exchange.response.write(event);
    };
    const instance = await instanceFor(body["model"], undefined, () => {
      loadSeconds = 0;
      if (streamed) openStream(exchange.response, {}, flow);
      opening(named("chat.start", { model_instance_id: body["model"] }));
      opening(named("model_load.start", { model_instance_id: body["model"] }));
      opening(named("model_load.progress", { model_instance_id: body["model"], progress: 0.5 }));
    });
    if ("status" in instance) return refuse(exchange, nativeError(instance));
    if (loadSeconds !== undefined) {
      loadSeconds = (Date.now() - begin) / 1000;
      opening(named("model_load.end", { model_instance_id: instance.id, load_time_seconds: loadSeconds }));
    }
    const started = loadSeconds === undefined ? [named("chat.start", { model_instance_id: instance.id })] : [];
    await core.answer(exchange, {
      index,
      lane: instance.id,
      prompt: promptOf(asked),
      maxTokens: limitOf(body["max_output_tokens"]),
      streamed,
      flow,
      headersFirst: true,
      fit: (counted) => fit(counted, instance, "error"),
      opening: () => [...started, named("prompt_processing.start"), named("prompt_processing.progress", { progress: 0 })],
      frames: (said) => nativeFrames(said, instance, loadSeconds),
      document: (said) => nativeDocument(said, instance, loadSeconds),
    });
  };

  const load = async (exchange: Exchange): Promise<void> => {
    const body = fields(exchange);
    if (typeof body["model"] !== "string") return respond(exchange, missingModel(), 400);
    const model = models.find(({ id }) => id === body["model"]);
    if (model === undefined) return refuse(exchange, notFound(`Model "${body["model"]}" was not found.`));
    const contextTokens = typeof body["context_length"] === "number" ? body["context_length"] : model.contextTokens;
    const begin = Date.now();
    const loaded = memory.load(model, { jit: false, contextTokens });
    if ("status" in loaded) return refuse(exchange, nativeError(loaded));
    await loaded.ready;
    await respond(exchange, {
      type: "llm",
      instance_id: loaded.id,
      load_time_seconds: (Date.now() - begin) / 1000,
      status: "loaded",
      ...(body["echo_load_config"] === true ? { load_config: loadConfig(contextTokens, slots) } : {}),
    });
  };

  const unload = async (exchange: Exchange): Promise<void> => {
    const { instance_id: id } = fields(exchange);
    if (typeof id === "string" && memory.unload(id)) return respond(exchange, { instance_id: id });
    await refuse(exchange, notFound(`There is no loaded model "${String(id)}".`));
  };

  const add = (model: ModelFacts): void => {
    models = [...models, model];
  };
  const listed = (): readonly ModelFacts[] =>
    jit ? models : models.filter(({ id }) => memory.instances().some(({ model, isReady }) => isReady && model.id === id));
  const v0: Routes = {
    "GET /api/v0/models": (exchange) =>
      respond(exchange, { object: "list", data: models.map((model) => v0Model(model, memory.instances())) }),
    "GET /api/v0/models/*": (exchange) => {
      const model = models.find(({ id }) => `/api/v0/models/${id}` === decodeURIComponent(exchange.path));
      return model === undefined ? refuse(exchange, notFound("No such model.")) : respond(exchange, v0Model(model, memory.instances()));
    },
    "POST /api/v0/chat/completions": chat(true),
  };
  const v1: Routes = {
    "GET /api/v1/models": (exchange) => respond(exchange, v1Models(models, memory.instances(), slots)),
    "POST /api/v1/models/load": load,
    "POST /api/v1/models/unload": unload,
    "POST /api/v1/chat": nativeChat,
    ...downloadRoutes(() => models, catalog, add),
  };

  return serve({
    core,
    port: options.port,
    routes: {
      "GET /lmstudio-greeting": (exchange) => respond(exchange, { lmstudio: true }),
      "GET /v1/models": (exchange) =>
        respond(exchange, {
          object: "list",
          data: listed().map(({ id }) => ({ id, object: "model", owned_by: "organization_owner" })),
        }),
      "POST /v1/chat/completions": chat(false),
      ...(api === "openai" ? {} : v0),
      ...(api === "v1" ? v1 : {}),
    },
    guard: ({ path, headers }) =>
      apiKey === undefined || path === "/lmstudio-greeting" || headers.authorization === `Bearer ${apiKey}` ? undefined : unauthorized(),
    unknown: ({ method, path }) => ({ status: 200, body: { error: `Unexpected endpoint or method. (${method} ${path})` } }),
    unload: (id) => void memory.unload(id),
  });
}

function used(instance: Instance): Instance {
  instance.usedAt = Date.now();
  return instance;
}

function invalidField({ tool_choice: choice, response_format: format }: FakeRequestBody): string | undefined {
  if (typeof choice === "object" && choice !== null) {
    return "Invalid tool_choice type: 'object'. Supported string values: none, auto, required";
  }
  if (format !== undefined && format.type !== "json_schema" && format.type !== "text") {
    return "'response_format.type' must be 'json_schema' or 'text'";
  }
  return undefined;
}

function fit(counted: Counted, { contextTokens }: Instance, overflow: FakeLmStudioOptions["overflow"] = "error"): Counted | Refusal {
  if (counted.promptTokens <= contextTokens) return counted;
  if (overflow === "empty-stream") return { ...EVENTS, body: "data: [DONE]\n\n" };
  if (overflow === "stream-error") {
    return { ...EVENTS, body: `data: ${JSON.stringify({ error: { message: "Context size has been exceeded." } })}\n\n` };
  }
  const sizes = `(n_keep: ${counted.promptTokens}>= n_ctx: ${contextTokens})`;
  const error = `The number of tokens to keep from the initial prompt is greater than the context length ${sizes}. Try to load the model with a larger context length, or provide a shorter input.`;
  return { status: 400, body: { error } };
}

/** -1 is no limit. */
function limitOf(limit: unknown): number {
  return typeof limit === "number" && limit >= 0 ? limit : Infinity;
}

function noModel(message: string): Refusal {
  return { status: 400, body: { error: { message, type: "invalid_request_error", param: "model", code: null } } };
}

function notFound(message: string): Refusal {
  return { status: 404, body: { error: { type: "model_not_found", message } } };
}

/** The native endpoints put into an object what the others say as a string. */
function nativeError({ status, body }: Refusal): Refusal {
  const { error } = body as { readonly error: unknown };
  return typeof error === "string" ? { status: 500, body: { error: { type: "model_load_failed", message: error } } } : { status, body };
}

function unauthorized(): Refusal {
  const message =
    "An LM Studio API token is required to make requests to this server, but none was provided using the Authorization header using the 'Bearer' scheme.";
  return { status: 401, body: { error: { type: "invalid_request", code: "invalid_api_key", message } } };
}
