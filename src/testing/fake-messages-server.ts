import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { messageDocument, messageEvents } from "./fake-messages/message-events.ts";
import { type CountedPrompt, createMarkedCache } from "./fake-messages/marked-cache.ts";
import { messagesRefusal } from "./fake-messages/messages-refusal.ts";
import { messagesError, type MessagesReply } from "./fake-messages/messages-reply.ts";
import { listen, stop } from "./fake-openai/listen.ts";
import { readJson } from "./fake-openai/read-json.ts";
import { sendBody, sendEvents, typedEvents } from "./fake-openai/send-reply.ts";

/** A request to `/v1/messages` as it came over the wire. */
export interface MessagesRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: MessagesBody;
}

export interface MessagesBody {
  readonly model: string;
  readonly max_tokens?: number;
  readonly system?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

export interface FakeMessagesOptions {
  /** What is answered; `index` counts the requests from 0. */
  readonly reply: MessagesReply | ((request: MessagesRequest, index: number) => MessagesReply | Promise<MessagesReply>);
  /** Required as `x-api-key` when given. */
  readonly apiKey?: string;
  /** Put before `/v1`, as gateways do: `/anthropic`. */
  readonly root?: string;
  /** Listed at `/v1/models` when given. */
  readonly models?: readonly string[];
  /** Prompts of fewer tokens are not cached, whatever is marked in them; 1,024 by default. */
  readonly cacheFromTokens?: number;
}

export interface FakeMessages {
  /** The root, without `/v1`. */
  readonly origin: string;
  /** The requests to `/v1/messages` so far, in order. */
  readonly requests: readonly MessagesRequest[];
  /** Every other path that was asked for. */
  readonly otherPaths: readonly string[];
  /** Requests whose client went away before they were answered. */
  readonly closedEarly: number;
  close(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that speaks the wire format of Anthropic's Messages API and says what `reply` tells it to, with any fault. What is marked in a
 * prompt is counted as cached from then on, and what the API refuses is refused.
 */
export async function startFakeMessages(options: FakeMessagesOptions): Promise<FakeMessages> {
  const requests: MessagesRequest[] = [];
  const otherPaths: string[] = [];
  const cache = createMarkedCache(options.cacheFromTokens ?? 1_024);
  let closedEarly = 0;

  const list = async (response: ServerResponse, headers: IncomingHttpHeaders, models: readonly string[]): Promise<void> => {
    if (isRefused(headers, options)) return sendBody(response, { status: 401 }, WRONG_KEY);
    return sendBody(response, {}, { data: models.map((id) => ({ type: "model", id, display_name: id })), has_more: false });
  };

  const speak = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.once("close", () => (closedEarly += response.writableFinished ? 0 : 1));
    const body = await readJson(incoming);
    if (!isBody(body)) return sendBody(response, { status: 400 }, messagesError("invalid_request_error", "The request is no message"));
    if (isRefused(incoming.headers, options)) return sendBody(response, { status: 401 }, WRONG_KEY);
    const refusal = messagesRefusal(body);
    if (refusal !== undefined) return sendBody(response, { status: 400 }, messagesError("invalid_request_error", refusal));
    const request = { headers: incoming.headers, body };
    requests.push(request);
    const { reply } = options;
    const { usage, kept } = cache.take(body);
    const said = typeof reply === "function" ? await reply(request, requests.length - 1) : reply;
    return answer(response, said, { body, usage, kept });
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(incoming.url ?? "/", "http://fake");
    const { root = "", models } = options;
    if (incoming.method === "POST" && pathname === `${root}/v1/messages`) return speak(incoming, response);
    if (incoming.method === "GET" && pathname === `${root}/v1/models` && models !== undefined)
      return list(response, incoming.headers, models);
    otherPaths.push(`${incoming.method} ${pathname}`);
    return sendBody(response, { status: 404 }, messagesError("not_found_error", "Not found"));
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await listen(server, 0);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.root ?? ""}`,
    requests,
    otherPaths,
    get closedEarly() {
      return closedEarly;
    },
    close: () => stop(server),
  };
}

interface Asked {
  readonly body: MessagesBody;
  readonly usage: CountedPrompt;
  readonly kept: () => void;
}

const WRONG_KEY = messagesError("authentication_error", "invalid x-api-key");

function isRefused(headers: IncomingHttpHeaders, { apiKey }: FakeMessagesOptions): boolean {
  return apiKey !== undefined && headers["x-api-key"] !== apiKey;
}

async function answer(response: ServerResponse, reply: MessagesReply, { body, usage, kept }: Asked): Promise<void> {
  await sleep(reply.headersAfterMs ?? 0);
  if (reply.redirectTo !== undefined) {
    return sendBody(response, { status: reply.status ?? 307, headers: { location: reply.redirectTo } }, "");
  }
  if (reply.body !== undefined || (reply.status ?? 200) !== 200) return sendBody(response, reply, reply.body ?? "");
  kept();
  if (body.stream !== true || reply.unstreamed === true) return sendBody(response, reply, messageDocument(reply, body.model, usage));
  return sendEvents(response, reply, messageEvents(reply, body.model, usage), { wire: typedEvents });
}

function isBody(body: unknown): body is MessagesBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "messages" in body &&
    Array.isArray(body.messages) &&
    "model" in body &&
    typeof body.model === "string"
  );
}
