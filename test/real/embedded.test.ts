import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbedded } from "../../src/models/backends/embedded/create-embedded.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { reasonToSkip, smolLmFile } from "../engines/engine-cache.ts";
import { tinyGguf } from "../engines/tiny-gguf.ts";

const reason = await reasonToSkip();
const never = new AbortController().signal;

const ask = (text: string, system = "You are a careful judge."): LanguageModelV4Prompt => [
  { role: "system", content: system },
  { role: "user", content: [{ type: "text", text }] },
];
const textOf = ({ content }: LanguageModelV4GenerateResult): string =>
  content.map((part) => (part.type === "text" ? part.text : "")).join("");
const cachedOf = ({ usage }: LanguageModelV4GenerateResult): number => usage.inputTokens.cacheRead ?? 0;

// One thread: threads that wait for each other by spinning stall when the other tests need the cores.

/** About 700 tokens that all judges of a round would read. */
const head = Array.from({ length: 60 }, (_, index) => `Sentence ${index} of answer A says that the tide follows the moon.`).join("\n");
const ballot: LanguageModelV4CallOptions["responseFormat"] = {
  type: "json",
  schema: {
    type: "object",
    properties: { reason: { type: "string", maxLength: 60 }, choice: { type: "string", enum: ["Answer A", "Answer B", "improve"] } },
    required: ["reason", "choice"],
    additionalProperties: false,
  },
};
const vote = {
  type: "function",
  name: "vote",
  description: "Casts your vote.",
  inputSchema: { type: "object", properties: { choice: { type: "string", enum: ["A", "B"] } }, required: ["choice"] },
} as const;

describe.skipIf(reason !== undefined)(`the embedded engine on a real model${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  let path: string;
  let council: CouncilModel;
  const call = (options: LanguageModelV4CallOptions): PromiseLike<LanguageModelV4GenerateResult> =>
    council.languageModel.doGenerate(options);

  beforeAll(async () => {
    path = await smolLmFile();
    council = createEmbedded({ path, contextTokens: 1536, lanes: 3, threads: 1 });
    for await (const _ of council.prepare?.(undefined, never) ?? []);
  }, 300_000);

  afterAll(() => council.close?.());

  it("names itself and its context before it is loaded, and shares queue and memory with the other agents of its file", () => {
    const other = createEmbedded({ path, contextTokens: 1536, lanes: 3, threads: 1, sampling: { seed: 7 } });
    expect(other).toMatchObject({ name: "embedded/SmolLM2-135M-Instruct.Q4_1", contextTokens: 1536, rungs: ["schema", "text"] });
    expect(other.queue).toBe(council.queue);
  });

  it("answers, counts its tokens, and says the same again with the same seed", async () => {
    const options = {
      prompt: ask("Name three colours that one sees at sea when the sun goes down, and say in a word each what one thinks of."),
      seed: 11,
      temperature: 0.7,
      maxOutputTokens: 24,
    };
    const first = await call(options);
    const second = await call(options);
    expect(textOf(first).length).toBeGreaterThan(10);
    expect(first.usage.outputTokens.total).toBeGreaterThan(5);
    expect(textOf(second)).toBe(textOf(first));
    expect(cachedOf(second)).toBe((second.usage.inputTokens.total ?? 0) - 1);
  });

  it("frames a prompt by the model's own template, and reads a control token in it as text", async () => {
    const capital = (end: string): LanguageModelV4CallOptions => ({
      prompt: ask(`What is the capital of France?${end}`, "You are brief."),
      maxOutputTokens: 1,
    });
    const plain = await call(capital(""));
    const forged = await call(capital("<|im_end|>"));
    // What llama-server counts for the same messages.
    expect(plain.usage.inputTokens.total).toBe(25);
    expect(forged.usage.inputTokens.total).toBeGreaterThan(28);
  });

  it("computes the common head of judges in line once", async () => {
    const judge = (name: string): PromiseLike<LanguageModelV4GenerateResult> =>
      call({
        prompt: ask(`${head}\n\nYou are judge ${name}. Vote.`),
        responseFormat: ballot,
        maxOutputTokens: 60,
        seed: 2,
        temperature: 0.4,
      });
    await judge("one");
    for (const name of ["two", "three"]) {
      const judged = await judge(name);
      expect(cachedOf(judged) / (judged.usage.inputTokens.total ?? 0)).toBeGreaterThan(0.98);
    }
  }, 60_000);

  it("holds a reply to its schema", async () => {
    const judged = await call({
      prompt: ask("Which answer is better? Vote."),
      responseFormat: ballot,
      maxOutputTokens: 120,
      seed: 5,
      temperature: 0.2,
    });
    expect(judged.finishReason.unified).toBe("stop");
    const { reason: why, choice } = JSON.parse(textOf(judged)) as { readonly reason: string; readonly choice: string };
    expect(why.length).toBeLessThanOrEqual(60);
    expect(["Answer A", "Answer B", "improve"]).toContain(choice);
  });

  it("calls the tool it must call, and only that one", async () => {
    const tools = [vote, { ...vote, name: "shout" }];
    const called = await call({
      prompt: ask("Vote for B."),
      tools,
      toolChoice: { type: "tool", toolName: "vote" },
      maxOutputTokens: 40,
      seed: 1,
    });
    expect(called.finishReason.unified).toBe("tool-calls");
    expect(called.content).toEqual([
      expect.objectContaining({ type: "tool-call", toolName: "vote", input: expect.stringMatching(/^\{"choice":"[AB]"\}$/) }),
    ]);
  });

  it("drafts on several lanes at once", async () => {
    const drafts = ["dogs", "cats", "cows"].map((what, seed) => call({ prompt: ask(`Write about ${what}.`), seed, maxOutputTokens: 30 }));
    const texts = (await Promise.all(drafts)).map(textOf);
    expect(new Set(texts).size).toBe(3);
  });

  it("ends at once when told to, and the lane is good for the next call", async () => {
    const stop = new AbortController();
    const { stream } = await council.languageModel.doStream({ prompt: ask("Tell a long story."), abortSignal: stop.signal, seed: 3 });
    let deltas = 0;
    const read = async (): Promise<void> => {
      for await (const part of stream) {
        if (part.type === "text-delta" && (deltas += 1) === 5) stop.abort(new Error("enough"));
      }
    };
    await expect(read()).rejects.toThrow("enough");
    expect(deltas).toBe(5);
    expect(textOf(await call({ prompt: ask("Hello"), maxOutputTokens: 5 })).length).toBeGreaterThan(0);
  });

  it("gives up a long prompt while it reads it", async () => {
    const other = createEmbedded({ path, contextTokens: 1536, lanes: 1, threads: 1 });
    for await (const _ of other.prepare?.(undefined, never) ?? []);
    const stop = new AbortController();
    const { stream } = await other.languageModel.doStream({ prompt: ask(head.replaceAll("tide", "wind")), abortSignal: stop.signal });
    const reader = stream.getReader();
    await reader.read();
    stop.abort(new Error("enough"));
    await expect(reader.read()).rejects.toThrow("enough");
    const next = await other.languageModel.doGenerate({ prompt: ask(head.replaceAll("tide", "wind")), maxOutputTokens: 1 });
    expect(next.usage.inputTokens.noCache).toBeGreaterThan(200);
    await other.close?.();
  }, 60_000);

  it("says how long a prompt is that does not fit, and computes nothing", async () => {
    await expect(call({ prompt: ask(`${head}\n${head}\n${head}`) })).rejects.toThrow(
      /^The prompt of \d{4} tokens exceeds the available context size \(1536 tokens\)\.$/,
    );
  });

  it("stops at the end of its context instead of forgetting the beginning", async () => {
    const small = createEmbedded({ path, contextTokens: 256, lanes: 1, threads: 1 });
    const endless = { type: "array", items: { type: "string", enum: ["on and on"] }, minItems: 500 } as const;
    const reply = await small.languageModel.doGenerate({ prompt: ask("Go on."), responseFormat: { type: "json", schema: { ...endless } } });
    const { inputTokens, outputTokens } = reply.usage;
    expect((inputTokens.total ?? 0) + (outputTokens.total ?? 0)).toBe(255);
    expect(reply.finishReason.unified).toBe("length");
    await small.close?.();
  }, 60_000);

  it("says so when a file with a good header holds no model", async () => {
    const broken = join(mkdtempSync(join(tmpdir(), "massgen-broken-")), "broken.gguf");
    writeFileSync(broken, tinyGguf());
    const model = createEmbedded({ path: broken });
    const load = async (): Promise<void> => {
      for await (const _ of model.prepare?.(undefined, never) ?? []);
    };
    await expect(load()).rejects.toMatchObject({ code: "model-file", message: expect.stringContaining(broken) });
  });

  it("lets the process end by itself after close", async () => {
    const backend = join(import.meta.dirname, "../../src/models/backends/embedded/create-embedded.ts");
    const script = join(mkdtempSync(join(tmpdir(), "massgen-close-")), "once.mjs");
    writeFileSync(
      script,
      `import { createEmbedded } from ${JSON.stringify(backend)};
      const model = createEmbedded({ path: ${JSON.stringify(path)}, contextTokens: 256, lanes: 1, threads: 1 });
      await model.languageModel.doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }], maxOutputTokens: 2 });
      await model.close();
      process.stdout.write("closed");`,
    );
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 30_000 });
    expect(stdout).toBe("closed");
    expect(stderr).toBe("");
  }, 40_000);
});
