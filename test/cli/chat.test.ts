import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, massgen, type Ran, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;
let config: string;

beforeAll(async () => {
  server = await councilServer(({ body }) => (body.model === "one" ? { text: `You said: ${lastOf(body.messages)}` } : undefined));
  config = place.write("one.yaml", councilYaml(server.baseUrl, ["one"]));
});
afterAll(async () => {
  await server.close();
  place.remove();
});

const lastOf = (messages: readonly { readonly content?: unknown }[]): string => String(messages.at(-1)?.content);

const chat = (typed: Parameters<typeof massgen>[1]["typed"] & object, ...flags: readonly string[]): Promise<Ran> =>
  massgen(["--config", config, ...flags], { home, typed });

/** What each question was asked with: user and assistant by turns. */
const conversations = (from: number): readonly (readonly string[])[] =>
  server.requests
    .slice(from)
    .map(({ body }) => body.messages.filter(({ role }) => role !== "system").map(({ content }) => String(content)));

describe("no question at a terminal opens a chat", () => {
  test("that says who is here, answers, and ends with the input", async () => {
    const { code, stdout, stderr } = await chat(["Why?"]);
    expect([code, stdout]).toEqual([0, "You said: Why?\n"]);
    expect(stderr).toMatch(/^1 agent:\n {2}one: chatcompletion\/one\nMode: single agent\nLog: .*runs\.db\n/u);
    expect(stderr).toMatch(/Goodbye\.\n$/u);
  });

  test("UI-1, CLI-8, CLI-11: turns 2 to 5 answer and remember the turns before, once each", async () => {
    const before = server.requests.length;
    const { stdout } = await chat(["a", "b", "c", "d", "e"]);
    expect(stdout).toBe("You said: a\nYou said: b\nYou said: c\nYou said: d\nYou said: e\n");
    const asked = conversations(before);
    expect(asked).toHaveLength(5);
    expect(asked[4]).toEqual(["a", "You said: a", "b", "You said: b", "c", "You said: c", "d", "You said: d", "e"]);
  });
});
