import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { massgen, type Ran, workplace } from "../cli/massgen.ts";

/** Every command of the chat of MassGen 0.0.7, and its aliases (facts, massgen-0.0.7.md 1.8). */
const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;

beforeAll(async () => {
  server = await startFakeOpenAI({ reply: ({ body }) => ({ text: `${body.messages.length} messages.` }), models: ["one"] });
});
afterAll(async () => {
  await server.close();
  place.remove();
});

const chat = (typed: readonly string[]): Promise<Ran> => massgen(["--model", "one", "--base-url", server.baseUrl], { home, typed });

test("without a question: the chat at a terminal, standard input elsewhere", async () => {
  expect(await chat(["Why?"])).toMatchObject({ code: 0, stdout: "2 messages.\n" });
  const piped = await massgen(["--model", "one", "--base-url", server.baseUrl], { home, stdin: "Why?" });
  expect(piped).toMatchObject({ code: 0, stdout: "2 messages.\n" });
});

test.each(["/quit", "/exit", "/q", "quit", "exit", "q", "/QUIT"])("%s leaves, with exit code 0", async (word) => {
  expect(await chat([word, "never asked"])).toMatchObject({ code: 0, stdout: "" });
});

test.each(["/reset", "/clear", "reset", "clear"])("CLI-8: %s forgets the conversation", async (word) => {
  expect((await chat(["a", "b", word, "c"])).stdout).toBe("2 messages.\n4 messages.\n2 messages.\n");
});

test.each(["/help", "/h"])("%s lists the commands", async (word) => {
  const { stderr } = await chat([word]);
  for (const command of ["/status", "/reset", "/quit", "/help"]) expect(stderr).toContain(command);
});

test("/status says who is here, how, and after how many exchanges", async () => {
  const { stderr } = await chat(["a", "/status"]);
  expect(stderr).toMatch(/agent1: chatcompletion\/one\nMode: single agent\nLog: .*\nExchanges: 1/u);
});

test("an unknown command names the nearest, and a blank before it makes it a question", async () => {
  const { stderr, stdout } = await chat(["/quti", " /etc/hosts is what?"]);
  expect(stderr).toMatch(/There is no command "\/quti".*\/quit/u);
  expect(stdout).toBe("2 messages.\n");
});

test("an empty line asks for a question", async () => {
  expect(await chat(["", "   "])).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Ask something") as string });
});

test("CLI-9: the end of input ends it, with exit code 0", async () => {
  expect(await chat([])).toMatchObject({ code: 0 });
});
