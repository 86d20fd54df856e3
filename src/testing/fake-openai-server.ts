import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeReply } from "./fake-openai/fake-reply.ts";
import { listen, stop } from "./fake-openai/listen.ts";
import { commonLength, promptText } from "./fake-openai/prompt-text.ts";
import { readJson } from "./fake-openai/read-json.ts";
import { renderDocument, renderFrames, renderUsage, type Counted } from "./fake-openai/render-frames.ts";
import { sendBody, sendEvents } from "./fake-openai/send-reply.ts";
import { createQueue } from "../models/queue/engine-queue.ts";

/** A chat request as it came over the wire. */
export interface FakeRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: FakeRequestBody;
}

export interface FakeRequestBody {
  readonly model?: string;
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_tokens?: number;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: unknown } };
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice?: unknown;
  readonly [field: string]: unknown;
}

export interface FakeServerOptions {
  /** What is answered; `index` counts the chat requests from 0. */
  readonly reply: FakeReply | ((request: FakeRequest, index: number) => FakeReply | Promise<FakeReply>);
  readonly models?: readonly string[];
  /** Prompts beyond it are refused as llama.cpp does, counted as UTF-8 bytes / 4. */
  readonly contextTokens?: number;
  /** Requests worked on at once; further ones wait without headers. */
  readonly slots?: number;
  /** Required of every request when given. */
  readonly apiKey?: string;
  readonly port?: number;
}

export interface FakeServer {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  /** The chat requests so far, in order. */
  readonly requests: readonly FakeRequest[];
  /** Chat requests being worked on now, and the most there ever were at once. */
  readonly open: number;
  readonly maxOpen: number;
  /** Chat requests whose client went away before they were answered. */
  readonly closedEarly: number;
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that speaks the wire format of OpenAI-compatible engines and says what `reply` tells it to, with any fault. */
export async function startFakeOpenAI(options: FakeServerOptions): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const prompts: string[] = [];
  const counts = { open: 0, maxOpen: 0, closedEarly: 0 };
  const slots = createQueue({ slots: options.slots ?? Infinity, sharing: "blocks" });

  const chat = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) counts.closedEarly += 1;
      gone.abort();
    });
    const body = await readJson(incoming);
    if (!isBody(body)) return sendBody(response, { status: 400 }, refusal(400, "Failed to parse the request", "invalid_request_error"));
    const request = { headers: incoming.headers, body };
    requests.push(request);
    const index = requests.length - 1;
    const place = await slots.acquire({ tokens: 0 }, gone.signal);
    counts.open += 1;
    counts.maxOpen = Math.max(counts.maxOpen, counts.open);
    try {
      const reply = typeof options.reply === "function" ? await options.reply(request, index) : options.reply;
      await answer(response, reply, { body, counted: count(body, prompts), contextTokens: options.contextTokens });
    } finally {
      counts.open -= 1;
      place.release();
    }
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? "/", "http://fake").pathname;
    if (options.apiKey !== undefined && incoming.headers.authorization !== `Bearer ${options.apiKey}`) {
      return sendBody(response, { status: 401 }, refusal(401, "Invalid API Key", "authentication_error"));
    }
    if (incoming.method === "POST" && path === "/v1/chat/completions") return chat(incoming, response);
    const page = incoming.method === "GET" ? pages(options)[path] : undefined;
    if (page !== undefined) return sendBody(response, {}, page);
    return sendBody(response, { status: 404 }, refusal(404, "File Not Found", "not_found_error"));
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await listen(server, options.port ?? 0);
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get open() {
      return counts.open;
    },
    get maxOpen() {
      return counts.maxOpen;
    },
    get closedEarly() {
      return counts.closedEarly;
    },
    close: () => stop(server),
  };
}

interface Asked {
  readonly body: FakeRequestBody;
  readonly counted: Counted;
  readonly contextTokens?: number | undefined;
}

async function answer(response: ServerResponse, reply: FakeReply, { body, counted, contextTokens = Infinity }: Asked): Promise<void> {
  await sleep(reply.headersAfterMs ?? 0);
  if (counted.promptTokens > contextTokens) return sendBody(response, { status: 400 }, overflow(counted, contextTokens));
  if (reply.redirectTo !== undefined)
    return sendBody(response, { status: reply.status ?? 307, headers: { location: reply.redirectTo } }, "");
  if (reply.body !== undefined || (reply.status ?? 200) !== 200) return sendBody(response, reply, reply.body ?? "");
  return say(response, reply, { body, counted });
}

async function say(response: ServerResponse, reply: FakeReply, { body, counted }: Asked): Promise<void> {
  const { model = "fake", stream = false, stream_options: streamOptions } = body;
  const streamed = stream && reply.unstreamed !== true;
  const usage = renderUsage(reply, !streamed || streamOptions?.include_usage === true, counted);
  if (streamed) return sendEvents(response, reply, renderFrames(reply, model, usage));
  return sendBody(response, reply, renderDocument(reply, model, usage));
}

/** Tokens of a prompt, and how many of them an earlier prompt began with. */
function count(body: FakeRequestBody, prompts: string[]): Counted {
  const prompt = promptText(body.messages);
  const common = prompts.reduce((longest, earlier) => Math.max(longest, commonLength(prompt, earlier)), 0);
  prompts.push(prompt);
  return {
    promptTokens: Math.ceil(Buffer.byteLength(prompt) / 4),
    cachedTokens: Math.floor(Buffer.byteLength(prompt.slice(0, common)) / 4),
  };
}

function pages({ models = ["fake"], contextTokens, slots }: FakeServerOptions): Readonly<Record<string, object>> {
  const engine = contextTokens === undefined && slots === undefined ? {} : { owned_by: "llamacpp", meta: { n_ctx: contextTokens } };
  return {
    "/v1/models": {
      object: "list",
      data: models.map((id) => ({ id, object: "model", created: 1_790_000_000, owned_by: "fake", ...engine })),
    },
    "/props": { total_slots: slots ?? 1, default_generation_settings: { n_ctx: contextTokens ?? 4096 } },
    "/health": { status: "ok" },
  };
}

function refusal(code: number, message: string, type: string): object {
  return { error: { code, message, type } };
}

function overflow({ promptTokens }: Counted, contextTokens: number): object {
  const message = `request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`;
  return { error: { code: 400, message, type: "exceed_context_size_error", n_prompt_tokens: promptTokens, n_ctx: contextTokens } };
}

function isBody(body: unknown): body is FakeRequestBody {
  return typeof body === "object" && body !== null && "messages" in body && Array.isArray(body.messages);
}
