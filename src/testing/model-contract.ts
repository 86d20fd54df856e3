import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { JSONSchema7, LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { TestHooks } from "./event-log-contract.ts";

export interface ModelContract {
  /** The model under test; the same one may be handed out again. */
  readonly makeModel: () => LanguageModelV4 | Promise<LanguageModelV4>;
  /** Whether it claims to obey a JSON schema. */
  readonly schema?: boolean;
  /** Whether it claims to report tokens. */
  readonly usage?: boolean;
  /** How soon an abort has to show, in milliseconds; 2,000 by default. */
  readonly abortWithinMs?: number;
}

const schema: JSONSchema7 = {
  type: "object",
  properties: { choice: { type: "string", enum: ["heron", "otter"] } },
  required: ["choice"],
  additionalProperties: false,
};

/** What the council relies on in a language model, as tests in the given runner. */
export function describeLanguageModel({ describe, it }: TestHooks, name: string, contract: ModelContract): void {
  const { makeModel, abortWithinMs = 2000 } = contract;
  describe(`${name} keeps the contract of a council's language model`, () => {
    it("streams text and ends with one finish", async () => {
      const parts = await streamAll(await makeModel(), ask("Say hello."));
      assert.notEqual(textOf(parts), "", "a reply has text");
      assert.equal(parts.filter(({ type }) => type === "finish").length, 1, "a stream has exactly one finish part");
      assert.equal(parts.at(-1)?.type, "finish", "nothing comes after the finish");
      assert.deepEqual(errorsIn(parts), []);
    });

    it("takes system, user, assistant and user messages", async () => {
      const call: LanguageModelV4CallOptions = {
        prompt: [
          { role: "system", content: "You are brief." },
          { role: "user", content: [{ type: "text", text: "Name a bird." }] },
          { role: "assistant", content: [{ type: "text", text: "Heron." }] },
          { role: "user", content: [{ type: "text", text: "Another one." }] },
        ],
        maxOutputTokens: 24,
      };
      assert.deepEqual(errorsIn(await streamAll(await makeModel(), call)), []);
    });

    it("answers several calls at once", async () => {
      const model = await makeModel();
      const replies = await Promise.all(["One.", "Two.", "Three."].map((text) => streamAll(model, ask(text))));
      for (const parts of replies) assert.notEqual(finishOf(parts), undefined, "every call ends with a finish");
    });

    it("refuses a call that is aborted already", async () => {
      const model = await makeModel();
      await assert.rejects(streamAll(model, { ...ask("Hello."), abortSignal: AbortSignal.abort() }));
    });

    it("stops at once when aborted, and works on", async () => {
      const model = await makeModel();
      const stop = new AbortController();
      const { stream } = await model.doStream({ ...ask("Count to one thousand."), maxOutputTokens: 400, abortSignal: stop.signal });
      const reader = stream.getReader();
      await reader.read();
      stop.abort();
      assert.ok(await settlesWithin(drain(reader), abortWithinMs), `the stream ends within ${abortWithinMs} ms of an abort`);
      assert.notEqual(finishOf(await streamAll(model, ask("Hello."))), undefined, "the next call works");
    });

    it("stops when its stream is cancelled", async () => {
      const { stream } = await (await makeModel()).doStream({ ...ask("Count to one thousand."), maxOutputTokens: 400 });
      const reader = stream.getReader();
      await reader.read();
      assert.ok(await settlesWithin(reader.cancel(), abortWithinMs), `a cancelled stream closes within ${abortWithinMs} ms`);
    });

    if (contract.schema === true) {
      it("obeys a JSON schema", async () => {
        const call = { ...ask("Heron or otter?"), responseFormat: { type: "json" as const, name: "choice", schema } };
        const { choice } = JSON.parse(textOf(await streamAll(await makeModel(), call))) as { choice?: unknown };
        assert.ok(choice === "heron" || choice === "otter", `the choice is one of the two, not ${JSON.stringify(choice)}`);
      });
    }

    if (contract.usage === true) {
      it("reports its tokens", async () => {
        const finish = finishOf(await streamAll(await makeModel(), ask("Say hello.")));
        const { inputTokens, outputTokens } = finish?.usage ?? {};
        for (const tokens of [inputTokens?.total, outputTokens?.total]) {
          assert.ok(tokens !== undefined && Number.isInteger(tokens) && tokens > 0, `${tokens} is a count of tokens`);
        }
        assert.ok((inputTokens?.cacheRead ?? 0) <= (inputTokens?.total ?? 0), "no more tokens are cached than there are");
      });
    }
  });
}

function ask(text: string): LanguageModelV4CallOptions {
  return { prompt: [{ role: "user", content: [{ type: "text", text }] }], maxOutputTokens: 32 };
}

async function streamAll(model: LanguageModelV4, call: LanguageModelV4CallOptions): Promise<readonly LanguageModelV4StreamPart[]> {
  const { stream } = await model.doStream(call);
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function drain(reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Whether a promise settles, either way, in time. */
async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([settled, late]);
  timer.abort();
  return inTime;
}

function textOf(parts: readonly LanguageModelV4StreamPart[]): string {
  return parts.map((part) => (part.type === "text-delta" ? part.delta : "")).join("");
}

function errorsIn(parts: readonly LanguageModelV4StreamPart[]): readonly unknown[] {
  return parts.flatMap((part) => (part.type === "error" ? [part.error] : []));
}

function finishOf(parts: readonly LanguageModelV4StreamPart[]): Extract<LanguageModelV4StreamPart, { type: "finish" }> | undefined {
  return parts.find((part) => part.type === "finish");
}
