import { tokensOf } from "../fake-engines/prompt-cache.ts";
import type { MessagesBody } from "../fake-messages-server.ts";

/** Tokens of one prompt as the API tells them: those after the last mark, those read from the cache, those it keeps now. */
export interface CountedPrompt {
  readonly input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
}

/** What the API remembers: everything up to a block with `cache_control`, once a reply to it has begun. */
export interface MarkedCache {
  take(body: MessagesBody): { readonly usage: CountedPrompt; readonly kept: () => void };
}

/** @param fewest tokens that are worth keeping; a mark after fewer means nothing */
export function createMarkedCache(fewest: number): MarkedCache {
  const known = new Set<string>();
  return {
    take({ model, tools = [], system, messages, thinking, output_config: format }) {
      const settings = JSON.stringify([model, thinking, format]);
      const blocks = [...tools, ...blocksOf(system), ...messages.flatMap(({ role, content }) => [role, ...blocksOf(content)])];
      const texts = blocks.map((block) => JSON.stringify(block, (name, value: unknown) => (name === "cache_control" ? undefined : value)));
      const upTo = (count: number): string => texts.slice(0, count).join("\n");
      const worth = (count: number): boolean => tokensOf(upTo(count)) >= fewest;
      const marks = blocks.flatMap((block, index) => (isMarked(block) && worth(index + 1) ? [index + 1] : []));
      const last = marks.at(-1) ?? 0;
      const read = [...marks].reverse().find((count) => known.has(settings + upTo(count))) ?? 0;
      const [whole, kept, found] = [texts.length, last, read].map((count) => tokensOf(upTo(count))) as [number, number, number];
      return {
        usage: { input_tokens: whole - kept, cache_read_input_tokens: found, cache_creation_input_tokens: kept - found },
        kept: () => {
          for (const count of marks) known.add(settings + upTo(count));
        },
      };
    },
  };
}

function blocksOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  return content === undefined ? [] : [{ type: "text", text: content }];
}

function isMarked(block: unknown): boolean {
  return typeof block === "object" && block !== null && "cache_control" in block && block.cache_control !== null;
}
