import { isJson, type Json, parseJson } from "../chatcompletion/wire.ts";

/** How often a turn goes on after a pause: whoever pauses more often stops there. */
const MOST_PAUSES = 10;

/** What a turn has said when it pauses, to be sent back as it is. */
export interface Paused {
  readonly blocks: readonly Json[];
  /** Where its code runs. */
  readonly container: string | undefined;
}

/** Several messages of the Messages API read as the one they are: their blocks counted on, their usage added up. */
export interface PausedTurn {
  /** Takes one event of the wire; says what to hand on, or that the turn has paused. */
  take(event: Json): { readonly type: "event"; readonly event: Json } | { readonly type: "held" } | ({ readonly type: "paused" } & Paused);
}

const HELD = { type: "held" } as const;

export function createPausedTurn(): PausedTurn {
  const blocks: Record<string, unknown>[] = [];
  const inputs = new Map<number, string>();
  let pauses = 0;
  let offset = 0;
  let container: string | undefined;
  let before: Json = {};
  let current: Json = {};
  let pausing = false;

  const takeDelta = (block: Record<string, unknown>, index: number, delta: Json): void => {
    for (const field of ["text", "thinking", "signature"]) {
      const before = block[field];
      if (typeof delta[field] === "string") block[field] = `${typeof before === "string" ? before : ""}${delta[field]}`;
    }
    if (typeof delta["partial_json"] === "string") inputs.set(index, `${inputs.get(index) ?? ""}${delta["partial_json"]}`);
    if (isJson(delta["citation"]))
      block["citations"] = [...((block["citations"] as unknown[] | null | undefined) ?? []), delta["citation"]];
  };
  const takeBlock = (event: Json, index: number): Json => {
    const block = blocks[index];
    if (event["type"] === "content_block_start" && isJson(event["content_block"])) blocks[index] = { ...event["content_block"] };
    else if (block !== undefined && isJson(event["delta"])) takeDelta(block, index, event["delta"]);
    else if (block !== undefined && inputs.has(index)) block["input"] = parseJson(inputs.get(index) ?? "") ?? {};
    return offset === 0 ? event : { ...event, index };
  };
  const takeUsage = (about: unknown): void => {
    if (!isJson(about)) return;
    if (isJson(about["usage"])) current = { ...current, ...about["usage"] };
    if (isJson(about["container"]) && typeof about["container"]["id"] === "string") container = about["container"]["id"];
  };

  return {
    take(event) {
      if (typeof event["index"] === "number") return { type: "event", event: takeBlock(event, event["index"] + offset) };
      if (event["type"] === "message_start") {
        takeUsage(event["message"]);
        return pauses === 0 ? { type: "event", event } : HELD;
      }
      if (event["type"] === "message_delta") {
        takeUsage(event);
        takeUsage(event["delta"]);
        pausing = isJson(event["delta"]) && event["delta"]["stop_reason"] === "pause_turn" && pauses < MOST_PAUSES;
        if (pausing) return HELD;
        return { type: "event", event: pauses === 0 ? event : { ...event, usage: added(before, current) } };
      }
      if (event["type"] !== "message_stop" || !pausing) return { type: "event", event };
      pauses += 1;
      offset = blocks.length;
      before = added(before, current);
      current = {};
      return { type: "paused", blocks, container };
    },
  };
}

function added(one: Json, other: Json): Json {
  const sums = Object.entries(one).filter(([name, value]) => typeof value === "number" && typeof (other[name] ?? 0) === "number");
  return { ...one, ...other, ...Object.fromEntries(sums.map(([name, value]) => [name, Number(value) + Number(other[name] ?? 0)])) };
}
