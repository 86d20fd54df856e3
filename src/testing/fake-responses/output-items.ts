import { words } from "../fake-openai/render-frames.ts";
import type { FakeFunctionCall, ResponsesReply } from "./responses-reply.ts";

/** One event of an item; only tokens are paced, stalled at and counted. */
export interface ItemEvent {
  readonly token: boolean;
  readonly data: { readonly type: string; readonly [field: string]: unknown };
}

export interface OutputItem {
  readonly whole: object;
  readonly events: readonly ItemEvent[];
}

/** What a reply consists of, in the order in which models do it: think, search, run code, speak, call functions. */
export function outputItems(reply: ResponsesReply): readonly OutputItem[] {
  const { reasoning, encryptedReasoning, searches = [], runs = [], commentary, refusal, functionCalls = [] } = reply;
  const texts = reply.tokens ?? words(reply.text ?? "");
  return [
    ...(reasoning === undefined ? [] : [reasoningItem(reasoning, encryptedReasoning)]),
    ...searches.map(searchItem),
    ...runs.map(runItem),
    ...(commentary === undefined ? [] : [messageItem("msg_aside", { pieces: words(commentary), phase: "commentary" })]),
    ...(texts.length === 0
      ? []
      : [
          messageItem("msg_fake", {
            pieces: texts,
            ...(commentary !== undefined && { phase: "final_answer" }),
            citations: reply.citations,
          }),
        ]),
    ...(refusal === undefined ? [] : [messageItem("msg_refusal", { pieces: words(refusal), refused: true })]),
    ...functionCalls.map(callItem),
  ];
}

const event = (type: string, rest: object): ItemEvent => ({ token: false, data: { type: `response.${type}`, ...rest } });
const token = (type: string, rest: object): ItemEvent => ({ token: true, data: { type: `response.${type}`, ...rest } });

function item(begun: object, whole: object, events: readonly ItemEvent[]): OutputItem {
  return { whole, events: [event("output_item.added", { item: begun }), ...events, event("output_item.done", { item: whole })] };
}

function reasoningItem(text: string, encrypted: string | undefined): OutputItem {
  const head = { id: "rs_fake", type: "reasoning", ...(encrypted !== undefined && { encrypted_content: encrypted }) };
  const at = { item_id: head.id, summary_index: 0 };
  const part = { type: "summary_text", text };
  return item({ ...head, summary: [], status: "in_progress" }, { ...head, summary: [part], status: "completed" }, [
    event("reasoning_summary_part.added", { ...at, part: { type: "summary_text", text: "" } }),
    ...words(text).map((delta) => token("reasoning_summary_text.delta", { ...at, delta })),
    event("reasoning_summary_text.done", { ...at, text }),
    event("reasoning_summary_part.done", { ...at, part }),
  ]);
}

function searchItem({ query, sources = [] }: NonNullable<ResponsesReply["searches"]>[number], position: number): OutputItem {
  const head = { id: `ws_fake_${position}`, type: "web_search_call" };
  const at = { item_id: head.id };
  const action = { type: "search", query, sources: sources.map((url) => ({ type: "url", url })) };
  return item({ ...head, status: "in_progress" }, { ...head, status: "completed", action }, [
    event("web_search_call.in_progress", at),
    token("web_search_call.searching", at),
    event("web_search_call.completed", at),
  ]);
}

function runItem({ code, logs }: NonNullable<ResponsesReply["runs"]>[number], position: number): OutputItem {
  const head = { id: `ci_fake_${position}`, type: "code_interpreter_call", container_id: "cntr_fake" };
  const at = { item_id: head.id };
  const outputs = logs === undefined ? null : [{ type: "logs", logs }];
  return item({ ...head, status: "in_progress", code: "", outputs: null }, { ...head, status: "completed", code, outputs }, [
    event("code_interpreter_call.in_progress", at),
    ...words(code).map((delta) => token("code_interpreter_call_code.delta", { ...at, delta })),
    event("code_interpreter_call_code.done", { ...at, code }),
    event("code_interpreter_call.interpreting", at),
    event("code_interpreter_call.completed", at),
  ]);
}

interface Said {
  readonly pieces: readonly string[];
  readonly phase?: string;
  readonly refused?: boolean;
  readonly citations?: ResponsesReply["citations"];
}

function messageItem(id: string, { pieces, phase, refused = false, citations = [] }: Said): OutputItem {
  const head = { id, type: "message", role: "assistant", ...(phase !== undefined && { phase }) };
  const at = { item_id: id, content_index: 0 };
  const text = pieces.join("");
  const annotations = citations.map((cited) => ({ type: "url_citation", start_index: 0, end_index: text.length, ...cited }));
  const kind = refused ? "refusal" : "output_text";
  const part = (said: string, found: readonly object[]): object =>
    refused ? { type: "refusal", refusal: said } : { type: "output_text", annotations: found, logprobs: [], text: said };
  return item({ ...head, status: "in_progress", content: [] }, { ...head, status: "completed", content: [part(text, annotations)] }, [
    event("content_part.added", { ...at, part: part("", []) }),
    ...pieces.map((delta) => token(`${kind}.delta`, { ...at, delta, ...(!refused && { logprobs: [] }) })),
    ...annotations.map((annotation, annotation_index) => event("output_text.annotation.added", { ...at, annotation_index, annotation })),
    event(`${kind}.done`, refused ? { ...at, refusal: text } : { ...at, text, logprobs: [] }),
    event("content_part.done", { ...at, part: part(text, annotations) }),
  ]);
}

function callItem({ callId, name, arguments: given }: FakeFunctionCall, position: number): OutputItem {
  const head = { id: `fc_fake_${position}`, type: "function_call", call_id: callId ?? `call_fake_${position}`, name };
  const at = { item_id: head.id };
  const json = JSON.stringify(given);
  const middle = Math.ceil(json.length / 2);
  return item({ ...head, status: "in_progress", arguments: "" }, { ...head, status: "completed", arguments: json }, [
    ...[json.slice(0, middle), json.slice(middle)].map((delta) => token("function_call_arguments.delta", { ...at, delta })),
    event("function_call_arguments.done", { ...at, arguments: json }),
  ]);
}
