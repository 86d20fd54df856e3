import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createPromptCache } from "./fake-engines/prompt-cache.ts";
import { listen, stop } from "./fake-openai/listen.ts";
import { readJson } from "./fake-openai/read-json.ts";
import { sendBody, sendEvents, typedEvents } from "./fake-openai/send-reply.ts";
import { responseDocument, responseEvents } from "./fake-responses/response-events.ts";
import { responsesError, type ResponsesReply } from "./fake-responses/responses-reply.ts";

/** A request to `/v1/responses` as it came over the wire. */
export interface ResponsesRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponsesBody;
}

export interface ResponsesBody {
  readonly model: string;
  readonly input: readonly {
    readonly role?: string;
    readonly type?: string;
    readonly content?: unknown;
    readonly [field: string]: unknown;
  }[];
  readonly stream?: boolean;
  readonly max_output_tokens?: number;
  readonly text?: { readonly format?: { readonly type: string; readonly schema?: object }; readonly verbosity?: string };
  readonly reasoning?: { readonly effort?: string; readonly summary?: string };
  readonly tools?: readonly { readonly type: string; readonly name?: string; readonly [field: string]: unknown }[];
  readonly prompt_cache_key?: string;
  readonly [field: string]: unknown;
}

export interface FakeResponsesOptions {
  /** What is answered; `index` counts the requests from 0. */
  readonly reply: ResponsesReply | ((request: ResponsesRequest, index: number) => ResponsesReply | Promise<ResponsesReply>);
  /** Any other is answered 404; all are served by default. */
  readonly models?: readonly string[];
  /** Fields of a request that are refused as OpenAI's reasoning models refuse `temperature`. */
  readonly refuses?: readonly string[];
  /** Prompts beyond it are refused, counted as UTF-8 bytes / 4. */
  readonly contextTokens?: number;
  /** Required of every request when given. */
  readonly apiKey?: string;
}

export interface FakeResponses {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  /** The requests to `/v1/responses` so far, in order. */
  readonly requests: readonly ResponsesRequest[];
  /** Requests whose client went away before they were answered. */
  readonly closedEarly: number;
  close(): Promise<void>;
}

/** OpenAI keeps the beginnings of prompts from so many tokens on, in blocks of so many. */
const SHORTEST_CACHED = 1_024;
const CACHE_BLOCK = 128;

/**
 * A server on 127.0.0.1 that speaks the wire format of the Responses API, OpenAI's and xAI's, and says what `reply` tells it to, with any
 * fault. It counts the tokens of a prompt that it has read before, for each `prompt_cache_key`.
 */
export async function startFakeResponses(options: FakeResponsesOptions): Promise<FakeResponses> {
  const requests: ResponsesRequest[] = [];
  const cache = createPromptCache("blocks", Infinity, CACHE_BLOCK);
  let closedEarly = 0;

  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.once("close", () => (closedEarly += response.writableFinished ? 0 : 1));
    const body = await readJson(incoming);
    if (!isBody(body)) return refuse(response, 400, responsesError("invalid_request_error", "The body of the request is no response"));
    const request = { headers: incoming.headers, body };
    requests.push(request);
    // Tools and a schema come before everything else that the model reads.
    const prompt = JSON.stringify([body.tools ?? [], body.text?.format ?? {}, body.input]);
    const { counted, kept, done } = cache.take(`${body.model} ${body.prompt_cache_key ?? ""}`, prompt);
    const cachedTokens = counted.promptTokens < SHORTEST_CACHED ? 0 : counted.cachedTokens;
    const refusal = refusalOf(body, counted.promptTokens, options);
    if (refusal !== undefined) return refuse(response, refusal.status, refusal.body);
    const { reply } = options;
    const said = typeof reply === "function" ? await reply(request, requests.length - 1) : reply;
    await sleep(said.headersAfterMs ?? 0);
    kept();
    done();
    return answer(response, said, { body, counted: { ...counted, cachedTokens } });
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(incoming.url ?? "/", "http://fake");
    if (options.apiKey !== undefined && incoming.headers.authorization !== `Bearer ${options.apiKey}`) {
      const message = "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.";
      return refuse(response, 401, responsesError("invalid_request_error", message, { code: "invalid_api_key" }));
    }
    if (incoming.method === "POST" && pathname === "/v1/responses") return respond(incoming, response);
    if (incoming.method === "GET" && pathname === "/v1/models") return sendBody(response, {}, listOf(options.models ?? ["gpt-fake"]));
    return refuse(response, 404, responsesError("invalid_request_error", `Unknown request URL: ${incoming.method} ${pathname}.`));
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await listen(server, 0);
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get closedEarly() {
      return closedEarly;
    },
    close: () => stop(server),
  };
}

function refuse(response: ServerResponse, status: number, body: object): Promise<void> {
  return sendBody(response, { status }, body);
}

/** Why a request is not served, as OpenAI says it. */
function refusalOf(
  body: ResponsesBody,
  promptTokens: number,
  { models, refuses = [], contextTokens = Infinity }: FakeResponsesOptions,
): { readonly status: number; readonly body: object } | undefined {
  const invalid = (status: number, message: string, more: object): { readonly status: number; readonly body: object } => ({
    status,
    body: responsesError("invalid_request_error", message, more),
  });
  if (models !== undefined && !models.includes(body.model)) {
    return invalid(404, `The model '${body.model}' does not exist or you do not have access to it.`, { code: "model_not_found" });
  }
  const param = refuses.find((name) => name in body);
  if (param !== undefined) return invalid(400, `Unsupported parameter: '${param}' is not supported with this model.`, { param });
  if (promptTokens <= contextTokens) return undefined;
  return invalid(400, "Your input exceeds the context window of this model. Please adjust your input and try again.", {
    code: "context_length_exceeded",
    param: "input",
  });
}

async function answer(response: ServerResponse, reply: ResponsesReply, { body, counted }: Answering): Promise<void> {
  if (reply.redirectTo !== undefined) {
    return sendBody(response, { status: reply.status ?? 307, headers: { location: reply.redirectTo } }, "");
  }
  if (reply.body !== undefined || (reply.status ?? 200) !== 200) return sendBody(response, reply, reply.body ?? "");
  const asked = { model: body.model, counted };
  if (body.stream !== true || reply.unstreamed === true) return sendBody(response, reply, responseDocument(reply, asked));
  return sendEvents(response, reply, responseEvents(reply, asked), { wire: typedEvents });
}

interface Answering {
  readonly body: ResponsesBody;
  readonly counted: { readonly promptTokens: number; readonly cachedTokens: number };
}

function listOf(models: readonly string[]): object {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1_790_000_000, owned_by: "fake" })) };
}

function isBody(body: unknown): body is ResponsesBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "input" in body &&
    Array.isArray(body.input) &&
    "model" in body &&
    typeof body.model === "string"
  );
}
