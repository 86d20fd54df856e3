import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCouncil } from "massgen";
import { scriptedModel, startFakeOllama, startFakeOpenAI } from "massgen/testing";
import { expect, it } from "vitest";
import { askKept } from "./any-model.ts";
import { tinyPng } from "../test/files/tiny-files.ts";
import { ask } from "./ask.ts";
import { askLocally } from "./local-engine.ts";
import { watch } from "./watch.ts";
import { askAbout } from "./with-files.ts";
import { askWithTools } from "./with-tools.ts";

const says = (words: string) => (options: { readonly responseFormat?: { readonly type: string } }) =>
  options.responseFormat?.type === "json" ? JSON.stringify({ reason: "it is right", choice: "A" }) : words;

it("ask.ts asks a council on an OpenAI-compatible server", async () => {
  const server = await startFakeOpenAI({
    reply: ({ body }) => ({
      text: "response_format" in body ? '{"reason":"it is right","choice":"A"}' : "Because of Rayleigh scattering.",
    }),
  });
  try {
    expect(await ask(server.baseUrl, "any", "Why is the sky blue?")).toBe("Because of Rayleigh scattering.");
  } finally {
    await server.close();
  }
});

it("watch.ts prints answers, votes and deltas", async () => {
  const council = createCouncil({
    seats: ["one", "two"].map((id) => ({ id, model: scriptedModel(id, says(`The words of ${id}.`)).model })),
  });
  const printed: string[] = [];
  await watch(council, "Why?", (text) => printed.push(text));
  expect(printed.join("\n")).toMatch(/submitted answer [AB]/u);
  expect(printed.join("\n")).toMatch(/voted for A: it is right/u);
  expect(printed.join("\n")).toMatch(/… \w+: The words of/u);
});

it("any-model.ts keeps the run and goes on with an unfinished one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "massgen-example-"));
  const models = ["one", "two"].map((name) => scriptedModel(name, says(`The words of ${name}.`)).model);
  try {
    const result = await askKept(models, join(folder, "runs.db"), "Why?");
    expect(result).toMatchObject({ outcome: "consensus", answer: expect.stringContaining("The words of") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("local-engine.ts asks whatever engine runs on this machine", async () => {
  const engine = await startFakeOllama({ models: ["qwen3:8b"], slots: 1 });
  try {
    expect(await askLocally("Why?", { at: [engine.origin] })).toBe(
      `qwen3:8b at Ollama at ${engine.origin}: This is the answer of qwen3:8b, worked out step by step and checked twice.`,
    );
    await expect(askLocally("Why?", { at: [] })).rejects.toThrow("No engine on this machine has a model.");
  } finally {
    await engine.close();
  }
});

it("with-files.ts shows an image to who sees, tells the other, and keeps it once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "massgen-example-"));
  const server = await startFakeOpenAI({
    reply: ({ body }) => ({ text: "response_format" in body ? '{"reason":"it is right","choice":"A"}' : `The words of ${body.model}.` }),
  });
  try {
    writeFileSync(join(folder, "photo.png"), tinyPng());
    expect(await askAbout(server.baseUrl, join(folder, "photo.png"), "What is that?", join(folder, "blobs"))).toContain("The words of");
    const prompts = server.requests.map(({ body }) => [body.model, JSON.stringify(body.messages.at(-1)?.content)] as const);
    expect(prompts.length).toBeGreaterThan(2);
    for (const [model, prompt] of prompts) {
      expect(prompt).toContain(model === "vision" ? "data:image/png;base64," : "You cannot see it");
      expect(prompt).toContain("Taken in Kyoto.");
    }
    expect(readdirSync(join(folder, "blobs"))).toHaveLength(2);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

it("with-tools.ts has its tool called, corrected where the input is wrong, and answers with what it gave", async () => {
  const server = await startFakeOpenAI({
    reply: ({ body }) => {
      const results = body.messages.flatMap(({ role, content }) => (role === "tool" ? [String(content)] : []));
      const [first, second] = results;
      if (second !== undefined) return { text: `There are ${(JSON.parse(second) as { count: number }).count}, says the tool.` };
      return { toolCalls: [{ name: "in_stock", arguments: first === undefined ? { article: 7 } : { article: "pears" } }] };
    },
  });
  try {
    expect(await askWithTools(server.baseUrl, "any", "Are there any pears?")).toBe("There are 0, says the tool.");
    expect(JSON.stringify(server.requests[1]?.body.messages)).toContain("The tool failed: its input is wrong: article: ");
  } finally {
    await server.close();
  }
});
