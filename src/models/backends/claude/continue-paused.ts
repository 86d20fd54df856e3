import { EventSourceParserStream, type EventSourceMessage } from "eventsource-parser/stream";
import { isJson, type Json, parseJson } from "../chatcompletion/wire.ts";
import { createPausedTurn, type Paused } from "./paused-turn.ts";

type Fetch = typeof globalThis.fetch;
type Events = ReadableStreamDefaultReader<EventSourceMessage>;

/**
 * A turn in which Anthropic's own tools work for long ends with `pause_turn` and wants what it said sent back to go on. Wraps `fetch` so that
 * this happens, and the whole turn reads as one message.
 */
export function continuingPaused(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const asked = typeof init?.body === "string" ? parseJson(init.body) : undefined;
    if (!isJson(asked) || !offersOwnTools(asked) || response.body === null) return response;
    const goOn = async (paused: Paused): Promise<Events> =>
      eventsOf(await fetch(url, { ...init, body: JSON.stringify(continued(asked, paused)) }));
    return new Response(wholeTurn(eventsOf(response), goOn), { headers: { "content-type": "text/event-stream" } });
  };
}

/** Functions of ours have no type, or are `custom`. */
function offersOwnTools({ tools }: Json): boolean {
  return Array.isArray(tools) && tools.some((tool) => isJson(tool) && typeof tool["type"] === "string" && tool["type"] !== "custom");
}

function continued(asked: Json, { blocks, container }: Paused): Json {
  const messages = Array.isArray(asked["messages"]) ? asked["messages"] : [];
  return {
    ...asked,
    messages: [...messages, { role: "assistant", content: blocks }],
    ...(container !== undefined && { container }),
  };
}

function eventsOf({ body }: Response): Events {
  const stream = body ?? new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.close() });
  return stream.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
}

function wholeTurn(first: Events, goOn: (paused: Paused) => Promise<Events>): ReadableStream<Uint8Array> {
  const turn = createPausedTurn();
  const encoder = new TextEncoder();
  let events = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await events.read();
          if (done) return controller.close();
          const event = parseJson(value.data);
          const taken = isJson(event) ? turn.take(event) : undefined;
          if (taken?.type === "held") continue;
          if (taken?.type === "paused") {
            events = await goOn(taken);
            continue;
          }
          const data = taken === undefined ? value.data : JSON.stringify(taken.event);
          return controller.enqueue(encoder.encode(`event: ${value.event ?? "message"}\ndata: ${data}\n\n`));
        }
      },
      cancel: (reason) => events.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
