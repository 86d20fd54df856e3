import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createChatCompletion,
  createCouncil,
  createEmbedded,
  type CouncilModel,
  type RunEvent,
  type Seat,
} from "../../src/library/index.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { type FakeReply, type FakeRequest, type FakeServer, startFakeOpenAI } from "../../src/testing/index.ts";
import { ofType } from "../behaviours/council.ts";
import { reasonToSkip, smolLmFile } from "../engines/engine-cache.ts";
import { type RunningLlamaServer, startLlamaServer } from "../engines/llama-server.ts";

const wire = new URL("../../../shared/fixtures/wire/", import.meta.url);
const reason = existsSync(wire) ? await reasonToSkip() : "no recordings next to this checkout";
const MOST_MS = 90_000;
const settings = { bounds: { answerTokens: 40, answersPerAgent: 1 } };

/** A recorded reply of a cloud, as it came over the wire. */
function recorded(file: string): string {
  const lines = readFileSync(new URL(file, wire), "utf8").split("\n");
  return `${lines
    .filter((line) => line.trim() !== "")
    .map((line) => `data: ${line}\n\n`)
    .join("")}data: [DONE]\n\n`;
}

const isBallot = ({ body }: FakeRequest): boolean => body.response_format?.type === "json_schema";

/** The label under which the prompt shows the first answer like that. */
function labelOf(isLike: (answer: string) => boolean, { body }: FakeRequest): string {
  const prompt = body.messages.map(({ content }) => String(content)).join("\n");
  const answers = [...prompt.matchAll(/<answer name="([^"]+)">\n([\s\S]*?)\n<\/answer>/gu)];
  return answers.find(([, , text = ""]) => isLike(text))?.[1] ?? "none";
}

describe.skipIf(reason !== undefined)(
  `councils of this machine and a cloud${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { timeout: MOST_MS },
  () => {
    let server: RunningLlamaServer;
    let llama: CouncilModel;
    let embedded: CouncilModel;
    let cloud: FakeServer;
    /** What the cloud says next; ballots go to the first answer that it likes. */
    let draft: (index: number) => FakeReply;
    let likes: (answer: string) => boolean;

    beforeAll(async () => {
      server = await startLlamaServer({ slots: 1, contextTokens: 2_048 });
      const engine = createLlamaCpp({ baseUrl: server.baseUrl });
      const never = new AbortController().signal;
      const [model] = await engine.models(never);
      if (model === undefined) throw new Error("the llama-server serves nothing");
      llama = await seatModel(engine, model, { sampling: { seed: 3 } }, never);
      embedded = createEmbedded({ path: await smolLmFile(), contextTokens: 2_048, lanes: 1, sampling: { seed: 5 } });
      cloud = await startFakeOpenAI({
        reply: (request, index) => {
          if (!isBallot(request)) return draft(index);
          return { text: JSON.stringify({ reason: "it is the best", choice: labelOf(likes, request) }) };
        },
      });
    }, 300_000);

    afterAll(async () => {
      await embedded?.close?.();
      await cloud?.close();
      await server?.close();
    });

    const clouds = (): readonly Seat[] =>
      [1, 2].map((place) => ({ id: `cloud${place}`, model: createChatCompletion({ baseUrl: cloud.baseUrl, model: `cloud-${place}` }) }));

    async function ask(seats: readonly Seat[]) {
      const council = createCouncil({ seats, settings });
      const run = council.ask("Why is the sky blue?", { seed: 2 });
      const ended = await run.result;
      return { ended, events: council.events(run.runId) };
    }

    const startOf = (events: readonly RunEvent[], agent: string): number =>
      ofType(events, "call-started").find(({ callId }) => callId.startsWith(`${agent}#`))?.at ?? Infinity;

    it("the cloud wins: its streams are cut once, split inside characters, and rate limited, and nobody waits for that but itself", async () => {
      const text = recorded("openai/chat-openai-text.chunks.txt");
      draft = (index) => {
        if (index === 0) return { status: 429, headers: { "retry-after": "1" }, body: { error: { message: "Rate limit reached" } } };
        return index === 1 ? { body: text, cutAfterBytes: 900 } : { body: text, splitEveryBytes: 113 };
      };
      likes = (answer) => answer.includes("Harmony");
      const { ended, events } = await ask([...clouds(), { id: "server", model: llama }, { id: "inside", model: embedded }]);
      expect(ended).toMatchObject({ outcome: "consensus", degraded: null, winner: "cloud1" });
      const retried = ofType(events, "timer-requested").filter(({ purpose }) => purpose === "retry");
      expect(retried.length).toBeGreaterThanOrEqual(2);
      const limited = Math.max(...retried.map(({ until }) => until));
      expect(startOf(events, "server")).toBeLessThan(limited);
      expect(ofType(events, "answer-submitted").flatMap(({ authors }) => authors)).toEqual(expect.arrayContaining(["server", "inside"]));
    });

    it("this machine wins, and a cloud that refuses its key costs its own seat alone", async () => {
      draft = () => ({ status: 401, body: { error: { message: "Incorrect API key provided" } } });
      const { ended } = await ask([{ id: "server", model: llama }, ...clouds()]);
      expect(ended.winner).toBe("server");
      expect(ended.answer?.length).toBeGreaterThan(0);
      expect(ended.degraded).toMatchObject({ of: 3, lost: [{ agent: "cloud1" }, { agent: "cloud2" }] });
    });

    it("this machine wins by the votes of the cloud", async () => {
      draft = () => ({ text: "Nobody knows." });
      likes = (answer) => !answer.includes("Nobody knows.");
      const { ended, events } = await ask([{ id: "server", model: llama }, ...clouds()]);
      expect(ended).toMatchObject({ outcome: "consensus", degraded: null, winner: "server" });
      expect(ofType(events, "vote-cast").filter(({ agent }) => agent.startsWith("cloud"))).toHaveLength(2);
    });
  },
);
