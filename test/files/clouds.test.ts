import { createBackend, createCouncil, type CouncilModel } from "massgen";
import { startFakeMessages, startFakeResponses } from "massgen/testing";
import { afterEach, expect, test } from "vitest";
import { tinyPdf, tinyPng } from "./tiny-files.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((server) => server.close()));
});

const [png, pdf] = [tinyPng(), tinyPdf()];
const attachments = [
  { name: "chart.png", data: png },
  { name: "report.pdf", data: pdf },
  { name: "notes.txt", data: new TextEncoder().encode("Some notes.") },
];

/** What a model of a council says to a request, by what stands in it. */
function words(request: unknown): string {
  return JSON.stringify(request).includes("Choose the answer") ? '{"reason":"it is right","choice":"A"}' : "It goes up.";
}

async function ask(model: CouncilModel): Promise<string | null> {
  const council = createCouncil({ seats: [{ model }, { model, systemMessage: "You doubt it." }] });
  const { answer } = await council.ask("What does it show?", { seed: 2, attachments }).result;
  await council.close();
  return answer;
}

type Block = Readonly<Record<string, unknown>>;

test("Claude gets an image and a PDF as blocks before the text; the head that is cached begins with them and the file's text", async () => {
  let drafts = 0;
  const server = await startFakeMessages({
    reply: ({ body }) => {
      const text = words(body.messages);
      return { text: text.startsWith("{") ? text : `${text} ${drafts++}` };
    },
  });
  closing.push(server);
  expect(await ask(await createBackend({ type: "claude", model: "claude-sonnet-4-5", baseUrl: server.origin, apiKey: "k" }))).toMatch(
    /^It goes up/u,
  );
  const contents = server.requests.map(({ body }) => body.messages.at(-1)?.content as readonly Block[]);
  expect(contents.length).toBeGreaterThan(3);
  for (const [image, document, text, ...rest] of contents) {
    expect(image).toMatchObject({ type: "image", source: { type: "base64", media_type: "image/png", data: png.toString("base64") } });
    expect(document).toMatchObject({
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: pdf.toString("base64") },
    });
    expect(String(text?.["text"]).startsWith('<file name="notes.txt">\nSome notes.\n</file>\n\n')).toBe(true);
    if (!String(text?.["text"]).includes("<answer")) continue;
    expect(text).toMatchObject({ cache_control: { type: "ephemeral" }, text: expect.stringMatching(/<\/answer>\n\n$/u) as string });
    expect(rest).toHaveLength(1);
    expect(rest[0]?.["text"]).toContain("Today is");
  }
});

test("OpenAI gets both as parts of its Responses", async () => {
  const server = await startFakeResponses({ reply: ({ body }) => ({ text: words(body.input) }) });
  closing.push(server);
  expect(await ask(await createBackend({ type: "openai", model: "gpt-5-mini", baseUrl: server.baseUrl, apiKey: "k" }))).toBe("It goes up.");
  const [draft] = server.requests.map(({ body }) => (body.input as readonly { readonly content: readonly Block[] }[]).at(-1)?.content);
  expect(draft).toMatchObject([
    { type: "input_image", image_url: `data:image/png;base64,${png.toString("base64")}` },
    { type: "input_file", filename: "report.pdf", file_data: `data:application/pdf;base64,${pdf.toString("base64")}` },
    { type: "input_text", text: '<file name="notes.txt">\nSome notes.\n</file>\n\nWhat does it show?' },
  ]);
});

test("Grok reads images: in place of a PDF there is a note, and where nobody reads it nothing is asked", async () => {
  const server = await startFakeResponses({ reply: ({ body }) => ({ text: words(body.input) }), models: ["grok-4"] });
  closing.push(server);
  const grok = await createBackend({ type: "grok", model: "grok-4", baseUrl: server.baseUrl, apiKey: "k" });
  await expect(ask(grok)).rejects.toThrow("No agent can be given the PDF report.pdf");
  expect(server.requests).toEqual([]);
  const claude = await startFakeMessages({ reply: ({ body }) => ({ text: words(body.messages) }) });
  closing.push(claude);
  const reads = await createBackend({ type: "claude", model: "claude-sonnet-4-5", baseUrl: claude.origin, apiKey: "k" });
  const council = createCouncil({ seats: [{ model: grok }, { model: reads }] });
  await council.ask("What does it show?", { attachments }).result;
  const [draft] = server.requests.map(({ body }) => (body.input as readonly { readonly content: readonly Block[] }[]).at(-1)?.content);
  expect(draft).toMatchObject([
    { type: "input_image" },
    { type: "input_text", text: expect.stringContaining('"report.pdf" here: a PDF') as string },
  ]);
});
