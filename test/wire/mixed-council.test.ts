import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/facts.ts";
import {
  type FakeGemini,
  type FakeMessages,
  type FakeResponses,
  type FakeServer,
  startFakeGemini,
  startFakeMessages,
  startFakeOpenAI,
  startFakeResponses,
} from "../../src/testing/index.ts";
import { ofType } from "../behaviours/council.ts";
import { eventsOf, massgen, workplace } from "../cli/massgen.ts";

const BALLOT = JSON.stringify({ reason: "It is complete.", choice: "A" });
const keys = {
  openai: "sk-proj-0123456789-openai",
  claude: "sk-ant-0123456789-claude",
  gemini: "gm-0123456789-gemini",
  grok: "xai-0123456789-grok",
  zai: "zai-0123456789-zai",
  chat: "gsk-0123456789-chat",
} as const;

/** A council of every provider, each on a server of its own kind, which refuses all keys but its own. */
describe("a council of OpenAI, Claude, Gemini, Grok, Z AI and a server that speaks chat completions", () => {
  const place = workplace();
  let openai: FakeResponses;
  let claude: FakeMessages;
  let gemini: FakeGemini;
  let grok: FakeResponses;
  let zai: FakeServer;
  let chat: FakeServer;
  let grokIsDown = false;

  beforeAll(async () => {
    const responses = (apiKey: string, text: string, isDown = () => false): Promise<FakeResponses> =>
      startFakeResponses({
        apiKey,
        reply: ({ body }) => {
          if (isDown()) return { text: "Half", failed: { code: "insufficient_quota", message: "You exceeded your current quota" } };
          if (body.text?.format !== undefined) return { text: BALLOT };
          const searches = (body.tools ?? []).length === 0 ? [] : [{ query: "the sky", sources: ["https://sky.example"] }];
          return { text, reasoning: "Hm.", searches };
        },
      });
    openai = await responses(keys.openai, "By OpenAI.");
    grok = await responses(keys.grok, "By Grok.", () => grokIsDown);
    claude = await startFakeMessages({
      apiKey: keys.claude,
      reply: ({ body }) => ({ text: body["output_config"] === undefined ? "By Claude." : BALLOT }),
    });
    gemini = await startFakeGemini({
      apiKey: keys.gemini,
      reply: ({ body }) => ({ text: body.generationConfig?.["responseJsonSchema"] === undefined ? "By Gemini." : BALLOT }),
    });
    zai = await startFakeOpenAI({
      apiKey: keys.zai,
      reply: ({ body }) =>
        body.tools === undefined ? { text: "By GLM.", reasoning: "Hm." } : { toolCalls: [{ name: "ballot", arguments: BALLOT }] },
    });
    chat = await startFakeOpenAI({
      apiKey: keys.chat,
      reply: ({ body }) => ({ text: body.response_format === undefined ? "By gpt-oss." : BALLOT }),
    });
  });
  afterAll(async () => {
    place.remove();
    await Promise.all([openai, claude, gemini, grok, zai, chat].map((server) => server.close()));
  });

  const config = (): string =>
    place.write(
      "council.yaml",
      `agents:
  - { id: one, backend: { type: openai, model: gpt-5, base_url: "${openai.baseUrl}", api_key: "${keys.openai}", enable_web_search: true } }
  - { id: two, backend: { type: claude, model: claude-sonnet-4-5, base_url: "${claude.origin}", api_key: "${keys.claude}" } }
  - { id: three, backend: { type: gemini, model: gemini-2.5-flash, base_url: "${gemini.origin}", api_key: "${keys.gemini}" } }
  - { id: four, backend: { type: grok, model: grok-4.3, base_url: "${grok.baseUrl}", api_key: "${keys.grok}", enable_web_search: true } }
  - { id: five, backend: { type: zai, model: glm-4.5, base_url: "${zai.baseUrl}/", api_key: "${keys.zai}", thinking: { type: enabled } } }
  - { id: six, backend: { type: chatcompletion, model: gpt-oss-120b, base_url: "${chat.baseUrl}", api_key: "${keys.chat}", provider: Mine } }
`,
    );

  const headersSeen = (): readonly string[] =>
    [openai, claude, gemini, grok, zai, chat].map(({ requests }) => JSON.stringify(requests.map(({ headers }) => headers)));

  test("answers, votes and presents; no key is seen anywhere but at its own server", async () => {
    const ran = await massgen(["--config", config(), "--json", "Why is the sky blue?"], { home: place.folder });
    expect(ran).toMatchObject({ code: 0 });
    const events: readonly RunEvent[] = eventsOf(ran);
    expect(ofType(events, "run-ended")).toMatchObject([{ outcome: "consensus" }]);
    expect(
      ofType(events, "answer-submitted")
        .map(({ text }) => text)
        .toSorted(),
    ).toEqual(["By Claude.", "By Gemini.", "By GLM.", "By Grok.", "By OpenAI.", "By gpt-oss."].toSorted());
    // Four votes of six decide.
    expect(ofType(events, "vote-cast").length).toBeGreaterThanOrEqual(4);
    expect(ofType(events, "run-started")[0]?.agents.map(({ model }) => model)).toEqual([
      "openai/gpt-5",
      "claude/claude-sonnet-4-5",
      "gemini/gemini-2.5-flash",
      "grok/grok-4.3",
      "zai/glm-4.5",
      "Mine/gpt-oss-120b",
    ]);
    const searched = ofType(events, "call-settled").filter(({ outcome }) => outcome.type === "replied" && outcome.activity !== undefined);
    expect(searched).toHaveLength(2);
    headersSeen().forEach((seen, index) => {
      expect(Object.values(keys).filter((key) => seen.includes(key))).toEqual([Object.values(keys)[index]]);
    });
    const kept = readdirSync(place.folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && file.name !== "council.yaml")
      .map((file) => readFileSync(join(file.parentPath, file.name)).toString("latin1"));
    for (const key of Object.values(keys)) for (const text of [ran.stdout, ran.stderr, ...kept]) expect(text).not.toContain(key);
  });

  test("one without credit is out with one sentence, and the others go on", async () => {
    grokIsDown = true;
    const { code, stderr } = await massgen(["--config", config(), "Why is the sky blue?"], { home: place.folder });
    grokIsDown = false;
    expect(code).toBe(0);
    expect(stderr).toMatch(/four[^\n]* says that the account has no credit left/u);
    expect(stderr).not.toContain("    at ");
  });
});
