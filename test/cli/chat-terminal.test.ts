import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, isDraft, workplace } from "./massgen.ts";
import { keys, openTerminal, pasted, type Terminal } from "./terminal.ts";

// A process that is started here loads its modules from source, which takes a while where several are.
vi.setConfig({ testTimeout: 30_000 });

const place = workplace();
let server: FakeServer;
let onAsked = (): void => undefined;

beforeAll(async () => {
  server = await councilServer((request) => {
    const said = String(request.body.messages.at(-1)?.content);
    if (said === "wait" && request.body.model === "two") {
      onAsked();
      return { headersAfterMs: 25_000 };
    }
    return isDraft(request) ? { text: `<${request.body.model}: ${said}>` } : undefined;
  });
});
afterAll(async () => {
  await server.close();
  place.remove();
});

function open(name: string, agents: readonly string[] = ["one"]): Terminal {
  const config = place.write(`${name}.yaml`, councilYaml(server.baseUrl, agents));
  return openTerminal(["--config", config], { MASSGEN_HOME: join(place.folder, name) });
}

const PROMPT = "> ";

test("CLI-7, CLI-9: a prompt, an answer, a line taken back by Ctrl-C, the end by Ctrl-D", async () => {
  const terminal = open("one");
  await terminal.until("/quit or Ctrl-D leaves.");
  await terminal.until(PROMPT);
  terminal.type(`Why?${keys.enter}`);
  await terminal.until("<one: Why?>");
  await terminal.until(PROMPT);
  terminal.type("not thi");
  await terminal.until("not thi");
  terminal.type(keys.ctrlC);
  await terminal.until("^C");
  await terminal.until("Ctrl-C once more leaves.");
  await terminal.until(PROMPT);
  terminal.type(`Really?${keys.enter}`);
  await terminal.until("<one: Really?>");
  await terminal.until(PROMPT);
  terminal.type(keys.ctrlD);
  await terminal.until("Goodbye.");
  expect(await terminal.exit).toBe(0);
});

test("Ctrl-C twice at the prompt leaves", async () => {
  const terminal = open("twice");
  await terminal.until(PROMPT);
  terminal.type(keys.ctrlC);
  await terminal.until("Ctrl-C once more leaves.");
  await terminal.until(PROMPT);
  terminal.type(keys.ctrlC);
  expect(await terminal.exit).toBe(0);
});

test("CLI-10: Ctrl-C during a run takes the leading answer and stays; what is typed meanwhile is asked next", async () => {
  const terminal = open("during", ["one", "two"]);
  await terminal.until(PROMPT);
  const asked = new Promise<void>((resolve) => (onAsked = resolve));
  terminal.type(`wait${keys.enter}`);
  await asked;
  await terminal.until("one answered");
  terminal.type(keys.ctrlC);
  await terminal.until("<one: wait>");
  await terminal.until(PROMPT);
  const again = new Promise<void>((resolve) => (onAsked = resolve));
  terminal.type(`wait${keys.enter}`);
  await again;
  await terminal.until("one answered");
  terminal.type(`/status${keys.enter}/nonsense${keys.enter}`);
  terminal.kill("SIGINT");
  await terminal.until("<one: wait>");
  // The keys may be read before the run has ended or after, and are then echoed at the prompt.
  await terminal.until(/> [^>]*\/status/u);
  await terminal.until("Exchanges: 2");
  await terminal.until('There is no command "/nonsense".');
  await terminal.until(PROMPT);
  terminal.type(`/quit${keys.enter}`);
  expect(await terminal.exit).toBe(0);
});

test("several lines that are pasted are one question", async () => {
  const terminal = open("pasted");
  await terminal.until(PROMPT);
  terminal.type(pasted("What is this?\n  a line\n  another"));
  await terminal.until("another");
  terminal.type(keys.enter);
  await terminal.until(/<one: What is this\?\r?\n {2}a line\r?\n {2}another>/u);
  await terminal.until(PROMPT);
  terminal.type(keys.up);
  terminal.type(keys.ctrlC);
  await terminal.until("^C");
  terminal.type(keys.ctrlD);
  expect(await terminal.exit).toBe(0);
});

test("a request to end the process ends the chat", async () => {
  const terminal = open("ended");
  await terminal.until(PROMPT);
  terminal.kill("SIGTERM");
  expect(await terminal.exit).toBe(0);
});
