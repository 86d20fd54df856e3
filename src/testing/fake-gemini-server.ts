import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { geminiChunks } from "./fake-gemini/gemini-chunks.ts";
import { geminiError, type GeminiReply } from "./fake-gemini/gemini-reply.ts";
import { listen, stop } from "./fake-openai/listen.ts";
import { commonLength } from "./fake-openai/prompt-text.ts";
import { readJson } from "./fake-openai/read-json.ts";
import type { Counted } from "./fake-openai/render-frames.ts";
import { namedEvents, sendBody, sendEvents } from "./fake-openai/send-reply.ts";

/** A request for a streamed reply as it came over the wire. */
export interface GeminiRequest {
  readonly headers: IncomingHttpHeaders;
  readonly model: string;
  readonly body: GeminiBody;
}

export interface GeminiBody {
  readonly contents: readonly { readonly role?: string; readonly parts: readonly { readonly text?: string }[] }[];
  readonly systemInstruction?: { readonly parts: readonly { readonly text?: string }[] };
  readonly generationConfig?: Readonly<Record<string, unknown>>;
  readonly tools?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

export interface FakeGeminiOptions {
  /** What is answered; `index` counts the requests from 0. */
  readonly reply: GeminiReply | ((request: GeminiRequest, index: number) => GeminiReply | Promise<GeminiReply>);
  /** Required as `x-goog-api-key` when given. */
  readonly apiKey?: string;
  /** Put before `/v1beta`, as gateways do: `/google`. */
  readonly root?: string;
  /** All there are; any by default. */
  readonly models?: readonly string[];
}

export interface FakeGemini {
  /** The root, without `/v1beta`. */
  readonly origin: string;
  /** The requests for replies so far, in order. */
  readonly requests: readonly GeminiRequest[];
  /** Every other path that was asked for. */
  readonly otherPaths: readonly string[];
  /** Requests whose client went away before they were answered. */
  readonly closedEarly: number;
  close(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that speaks the wire format of Google's Gemini API and says what `reply` tells it to, with any fault. It refuses what
 * Gemini 2 refuses: its own tools together with functions or with a schema. What requests begin with in common is counted as cached.
 */
export async function startFakeGemini(options: FakeGeminiOptions): Promise<FakeGemini> {
  const requests: GeminiRequest[] = [];
  const otherPaths: string[] = [];
  const prompts: string[] = [];
  let closedEarly = 0;

  const generate = async (incoming: IncomingMessage, response: ServerResponse, model: string): Promise<void> => {
    response.once("close", () => (closedEarly += response.writableFinished ? 0 : 1));
    const body = await readJson(incoming);
    const refused = refusalOf(incoming.headers, model, body, options);
    if (refused !== undefined) return sendBody(response, { status: refused.error.code }, refused);
    const request = { headers: incoming.headers, model, body: body as GeminiBody };
    requests.push(request);
    const counted = count(request.body, prompts);
    const { reply } = options;
    return answer(response, typeof reply === "function" ? await reply(request, requests.length - 1) : reply, { model, counted });
  };

  const list = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = wrongKey(incoming.headers, options);
    if (refused !== undefined) return sendBody(response, { status: refused.error.code }, refused);
    return sendBody(response, {}, { models: (options.models ?? []).map((name) => ({ name: `models/${name}`, displayName: name })) });
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://fake");
    const [, root, model] = /^(.*)\/v1beta\/models\/([^/:]+):streamGenerateContent$/u.exec(pathname) ?? [];
    const isKnown = incoming.method === "POST" && root === (options.root ?? "") && searchParams.get("alt") === "sse";
    if (isKnown && model !== undefined) return generate(incoming, response, model);
    if (incoming.method === "GET" && pathname === `${options.root ?? ""}/v1beta/models` && options.models !== undefined)
      return list(incoming, response);
    otherPaths.push(`${incoming.method} ${pathname}`);
    return sendBody(response, { status: 404 }, "");
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

interface Refusal {
  readonly error: { readonly code: number };
}

function refuse(code: number, status: string, message: string, reason?: string): Refusal {
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
  return geminiError(code, status, message, reason === undefined ? [] : [info]) as Refusal;
}

function wrongKey(headers: IncomingHttpHeaders, { apiKey }: FakeGeminiOptions): Refusal | undefined {
  if (apiKey === undefined || headers["x-goog-api-key"] === apiKey) return undefined;
  return refuse(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID");
}

function refusalOf(headers: IncomingHttpHeaders, model: string, body: unknown, options: FakeGeminiOptions): Refusal | undefined {
  const refused = wrongKey(headers, options);
  if (refused !== undefined) return refused;
  if (options.models?.includes(model) === false) {
    const message = `models/${model} is not found for API version v1beta, or is not supported for generateContent.`;
    return refuse(404, "NOT_FOUND", message);
  }
  if (!isBody(body)) return refuse(400, "INVALID_ARGUMENT", "Invalid JSON payload received.");
  const { tools = [], generationConfig = {} } = body;
  const functions = tools.some((tool) => "functionDeclarations" in tool);
  const ownTools = tools.some((tool) => "googleSearch" in tool || "codeExecution" in tool);
  if (!ownTools) return undefined;
  if (functions) return refuse(400, "INVALID_ARGUMENT", "Tool use with function calling is unsupported");
  const isJson = generationConfig["responseMimeType"] === "application/json";
  return isJson ? refuse(400, "INVALID_ARGUMENT", "Tool use with a response mime type: 'application/json' is unsupported") : undefined;
}

function isBody(body: unknown): body is GeminiBody {
  return typeof body === "object" && body !== null && "contents" in body && Array.isArray(body.contents);
}

/** Tokens of a prompt, and how many of them an earlier prompt began with. */
function count({ systemInstruction, contents, tools }: GeminiBody, prompts: string[]): Counted {
  const prompt = JSON.stringify([tools, systemInstruction, contents]);
  const common = prompts.reduce((longest, earlier) => Math.max(longest, commonLength(prompt, earlier)), 0);
  prompts.push(prompt);
  return {
    promptTokens: Math.ceil(Buffer.byteLength(prompt) / 4),
    cachedTokens: Math.floor(Buffer.byteLength(prompt.slice(0, common)) / 4),
  };
}

interface Asked {
  readonly model: string;
  readonly counted: Counted;
}

async function answer(response: ServerResponse, reply: GeminiReply, { model, counted }: Asked): Promise<void> {
  await sleep(reply.headersAfterMs ?? 0);
  if (reply.redirectTo !== undefined) {
    return sendBody(response, { status: reply.status ?? 307, headers: { location: reply.redirectTo } }, "");
  }
  if (reply.body !== undefined || (reply.status ?? 200) !== 200) return sendBody(response, reply, reply.body ?? "");
  return sendEvents(response, reply, geminiChunks(reply, model, counted), { wire: namedEvents });
}
