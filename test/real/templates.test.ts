import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../src/models/trial/outcome-of.ts";
import { systemClock } from "../../src/models/clock.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { everyPrompt } from "../../src/models/trial/every-prompt.ts";
import { tryBallot } from "../../src/models/trial/try-ballot.ts";
import { reasonToSkip } from "../engines/engine-cache.ts";
import { startLlamaServer } from "../engines/llama-server.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "shared", "fixtures", "chat-templates");
const reason = (await reasonToSkip()) ?? (existsSync(FOLDER) ? undefined : "there are no templates at ../shared/fixtures/chat-templates");

/** One for each way in which a ballot can go wrong; `npm run test:templates` runs all. */
const templates = [
  ["Qwen-Qwen3-0.6B", "a switch for thinking"],
  ["meta-llama-Llama-3.1-8B-Instruct", "no thinking"],
  ["google-gemma-2-2b-it", "strict alternation, no system message"],
  ["openai-gpt-oss-120b", "channels"],
  ["deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "thinking that no variable closes"],
  ["moonshotai-Kimi-K2", "a parser that applies no schema"],
  ["GLM-4.6", "a thought left empty"],
] as const;

describe.skipIf(reason !== undefined)(`chat templates for real${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  it.each(templates)("%s (%s): prompts render, a ballot comes back", { timeout: 120_000 }, async (name) => {
    const server = await startLlamaServer({ slots: 1, template: readFileSync(join(FOLDER, `${name}.jinja`), "utf8") });
    try {
      const { signal } = new AbortController();
      const engine = createLlamaCpp({ baseUrl: server.baseUrl });
      const [model] = await engine.models(signal);
      if (model === undefined) throw new Error("the server has no model");
      for (const { messages } of await everyPrompt()) await engine.countTokens?.(model.id, messages, signal);
      const seat = await seatModel(engine, model, {}, signal);
      const { rung } = await tryBallot(seat.rungs, (prompt) => outcomeOf(seat, prompt, systemClock(), signal));
      expect(rung).toBeDefined();
    } finally {
      await server.close();
    }
  });
});
