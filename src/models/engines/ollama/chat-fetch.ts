import type { RequestInit, Response } from "undici";
import { isJson, parseJson, type Json } from "../../backends/chatcompletion/wire.ts";
import type { Fetch } from "../../backends/chatcompletion/normalise-reply.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import { chatEvents } from "./chat-reply.ts";
import { chatRequest } from "./chat-request.ts";
import type { Measures } from "../../measures.ts";

export interface NativeChat {
  readonly origin: string;
  /** The context that every call of the model asks for. */
  readonly contextTokens: () => number | undefined;
  readonly measure: (last: Json) => Measures;
  /** What to say of a model that is not there; rejects where nobody knows. */
  readonly unknownModel: (name: string) => Promise<string>;
  /** A request was given up before it was answered. */
  readonly abandoned: (body: string, waitedMs: number) => void;
}

/** A `fetch` for requests of the OpenAI protocol that has `/api/chat` answer them: only there can the context be set. */
export function chatFetch({ origin, contextTokens, measure, unknownModel, abandoned }: NativeChat): Fetch {
  return async (_url, init = {}) => {
    const asked = bodyOf(init);
    const body = JSON.stringify(chatRequest(asked, contextTokens()));
    const sentAt = performance.now();
    const leave = (): void => abandoned(body, performance.now() - sentAt);
    init.signal?.addEventListener("abort", leave, { once: true });
    // The answer begins with the first token: whoever leaves later is noticed at the next one.
    const response = await fetchModel(`${origin}/api/chat`, { ...init, body }).finally(() =>
      init.signal?.removeEventListener("abort", leave),
    );
    if (response.status === 404) return explained(response, () => unknownModel(String(asked.model)));
    if (!response.ok || response.body === null || isPage(response)) return response;
    const { Response } = await import("undici");
    return new Response(response.body.pipeThrough(chatEvents(measure)));
  };
}

function bodyOf({ body }: RequestInit): Json {
  const given = typeof body === "string" ? parseJson(body) : undefined;
  return isJson(given) ? given : {};
}

function isPage({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/html") === true;
}

/** The same answer with more in it for a person, where it is Ollama that gave it. */
async function explained(response: Response, say: () => Promise<string>): Promise<Response> {
  const said = await response.text();
  const error = isJson(parseJson(said)) ? await say().catch(() => undefined) : undefined;
  const { Response } = await import("undici");
  return new Response(error === undefined ? said : JSON.stringify({ error }), { status: response.status });
}
