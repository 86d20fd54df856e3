import { describe, expect, test } from "vitest";
import { simulateRun, type SimulatedCall } from "../../testing/simulate-run.ts";
import type { Attachment } from "../facts/attachment.ts";
import type { Agent } from "../facts/settings.ts";
import type { Message } from "../messages.ts";
import { attached, attachmentTokens, fileSize, takes } from "./attachments-in-prompt.ts";

const file = (name: string, kind: Attachment["kind"], more: Partial<Attachment> = {}): Attachment => ({
  id: name.padEnd(64, "0").replaceAll(/[^0-9a-f]/gu, "a"),
  name,
  mediaType: kind === "image" ? "image/png" : kind === "pdf" ? "application/pdf" : "text/plain",
  bytes: 2_048,
  kind,
  tokens: 1_000,
  ...more,
});
const [image, pdf, text] = [file("photo.png", "image"), file("report.pdf", "pdf"), file("notes.md", "text")];

const agent = (id: string, more: Partial<Agent> = {}): Agent => ({ id, model: `model of ${id}`, rungs: ["schema"], ...more });
const all = agent("all", { accepts: { images: true, pdf: true } });
const sees = agent("sees", { accepts: { images: true, pdf: false } });
const reads = agent("reads");

test("who takes what: text goes to everybody, the rest to models that are known to", () => {
  const table = [all, sees, reads].map((who) => [image, pdf, text].map((what) => takes(who, what)));
  expect(table).toEqual([
    [true, true, true],
    [true, false, true],
    [false, false, true],
  ]);
  expect(takes(undefined, image)).toBe(false);
});

test("in place of what a model cannot take stands that it is there", () => {
  expect(attached({ text: "Why?", attachments: [image, pdf, text] }, sees, {})).toEqual({
    text: '[The user attached "report.pdf" here: a PDF, 2 kB. You cannot see it. Say so where it matters, and do not guess what it shows.]\n\nWhy?',
    attachments: [image, text],
  });
  expect(attached({ text: "Why?", attachments: [image] }, reads, { unseen: "No {name}." })).toEqual({ text: "No photo.png.\n\nWhy?" });
  expect(attached({ text: "Why?" }, all, {})).toEqual({ text: "Why?" });
});

test("sizes", () => {
  expect([1, 999, 1_000, 999_499, 999_500, 20_000_000].map(fileSize)).toEqual([
    "1 byte",
    "999 bytes",
    "1 kB",
    "999 kB",
    "1.0 MB",
    "20.0 MB",
  ]);
});

describe("in a run", () => {
  const users = ({ prompt }: SimulatedCall): readonly Extract<Message, { role: "user" }>[] =>
    prompt.messages.filter((message) => message.role === "user");
  const behave = ({ request }: SimulatedCall): string =>
    request.purpose === "ballot" ? '{"reason":"","choice":"A"}' : `Answer of ${request.agent}.`;
  const history = [
    { role: "user" as const, text: "Earlier", attachments: [file("old.png", "image")] },
    { role: "assistant" as const, text: "Yes." },
  ];
  const input = { attachments: [image, text], history };

  test("files stand at the question and at the turn they came with, before every text, in drafts and when judging", () => {
    const { calls } = simulateRun({ agents: [all, sees, reads], input, behave });
    expect(calls.length).toBeGreaterThan(6);
    for (const call of calls) {
      const [first, last] = users(call);
      const seen = call.request.agent === "reads" ? [text] : [image, text];
      expect(last?.attachments).toEqual(seen);
      expect(first?.attachments).toEqual(call.request.agent === "reads" ? undefined : [file("old.png", "image")]);
      expect(last?.text.includes('attached "photo.png"')).toBe(call.request.agent === "reads");
      expect(first?.text.includes('attached "old.png"')).toBe(call.request.agent === "reads");
    }
  });

  test("judges who take the same read the same to the byte, up to what is their own", () => {
    const { calls } = simulateRun({ agents: [all, agent("too", { accepts: { images: true, pdf: true } }), reads], input, behave });
    const heads = calls
      .filter(({ request }) => request.purpose === "ballot")
      .map((call) => [call.request.agent, users(call).at(-1)?.text.split("Today is")[0]]);
    const of = (id: string): unknown => heads.find(([who]) => who === id)?.[1];
    expect(of("too")).toBe(of("all"));
    expect(of("reads")).toContain("You cannot see it.");
  });

  test("what they take is part of the estimate: of files themselves, or of the note", () => {
    const { calls } = simulateRun({ agents: [all, reads], input: { attachments: [image] }, behave });
    const [large, small] = ["all", "reads"].map((id) => calls.find(({ request }) => request.agent === id)?.request.promptTokens ?? 0);
    expect(large).toBeGreaterThan(1_000);
    expect(small).toBeLessThan(150);
    expect(attachmentTokens([image, text], all)).toBe(2_016);
    expect(attachmentTokens(undefined, all)).toBe(0);
  });

  test("an image that does not fit the context of one agent costs that agent alone", () => {
    const narrow = agent("narrow", { accepts: { images: true, pdf: false }, contextTokens: 900 });
    const { calls, state } = simulateRun({
      agents: [narrow, agent("blind", { contextTokens: 900 }), all],
      input: { attachments: [image] },
      behave,
    });
    expect(state.agents.map(({ agent: { id }, out }) => [id, out === undefined])).toEqual([
      ["narrow", false],
      ["blind", true],
      ["all", true],
    ]);
    expect(state.agents[0]?.out?.why).toMatch(/^the question alone takes about 1,0\d\d tokens, and its context holds 900 tokens/u);
    expect(calls.some(({ request }) => request.agent === "narrow")).toBe(false);
  });

  test("earlier turns are left out with their files", () => {
    const old = [
      ...history,
      { role: "user" as const, text: "Then", attachments: [file("new.png", "image")] },
      { role: "assistant" as const, text: "No." },
    ];
    const small = agent("small", { accepts: { images: true, pdf: false }, contextTokens: 2_000 });
    const { calls } = simulateRun({ agents: [small], input: { history: old }, behave });
    expect(calls[0]?.request.leftOut?.messages).toBe(2);
    const names = calls.flatMap((call) => users(call).flatMap(({ attachments = [] }) => attachments.map(({ name }) => name)));
    expect(names).toEqual(["new.png"]);
  });

  test("nothing is learned of how a model counts from prompts with images, and no engine is blamed for reading less", () => {
    const usage = { inputTokens: 300, outputTokens: 5, estimated: false };
    const counting = (who: Agent) =>
      simulateRun({ agents: [who], input: { attachments: [image], question: "Why? ".repeat(100) }, behave: () => ({ text: "So.", usage }) })
        .state;
    expect(counting(all).counting).toEqual({});
    expect(counting(reads).counting).not.toEqual({});
    expect([...counting(all).calls.values()].some(({ lost }) => lost !== undefined)).toBe(false);
  });

  test("a refusal for the context is learned from", () => {
    const { calls, state } = simulateRun({
      agents: [all],
      input: { ...input, settings: {} },
      behave: ({ request }) =>
        request.attempt === 1
          ? { fail: { kind: "context-overflow", retryable: false, overflow: { promptTokens: 3_200, contextTokens: 2_800 } } }
          : "It fits.",
    });
    expect(calls.map(({ request }) => request.leftOut?.messages)).toEqual([undefined, 2]);
    expect(state.counting["model of all"]?.contextTokens).toBe(2_800);
  });
});
