import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeOllama, type FakeEngine } from "../../src/testing/index.ts";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { councilServer, councilYaml, eventsOf, massgen, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;
let ollama: FakeEngine;

beforeAll(async () => {
  [server, ollama] = await Promise.all([councilServer(), startFakeOllama({ models: [{ id: "qwen3:4b" }] })]);
});
afterAll(async () => {
  await Promise.all([server.close(), ollama.close()]);
  place.remove();
});

/** Who was asked: id, model, persona. */
async function seats(...argv: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const ran = await massgen([...argv, "--json", "-q", "Why?"], { home, environment: { MASSGEN_ENGINES: ollama.origin } });
  const [started] = eventsOf(ran);
  if (started?.type !== "run-started") throw new Error(ran.stderr);
  return started.agents.map(({ id, model, persona }) => [id, model, persona]);
}

describe("several models at once", () => {
  test("on one server, one of them twice", async () => {
    expect(await seats("--base-url", server.baseUrl, "--models", "one,two:2")).toEqual([
      ["agent1", "chatcompletion/one", undefined],
      ["agent2", "chatcompletion/two", undefined],
      ["agent3", "chatcompletion/two", undefined],
    ]);
  });

  test("by the name that people use, wherever it is on this machine", async () => {
    expect(await seats("--agents", "qwen3-4b,ollama:qwen3:4b")).toEqual([
      ["agent1", "ollama/qwen3:4b", undefined],
      ["agent2", "ollama/qwen3:4b", undefined],
    ]);
  });

  test("a name that is nowhere: which entry it is", async () => {
    const ran = await massgen(["--models", "qwen3-4b,banana", "Why?"], { home, environment: { MASSGEN_ENGINES: ollama.origin } });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain('--models, entry 2 ("banana"): no server on this machine has that model');
  });
});

describe("--config beside --model and --system-message", () => {
  test("they go before what the file says of its one agent", async () => {
    const file = place.write("one.yaml", councilYaml(server.baseUrl, ["one"]));
    const flags = ["--model", "two", "--system-message", "Be brief."];
    expect(await seats("--config", file, ...flags)).toEqual([["one", "chatcompletion/two", "Be brief."]]);
  });

  test.each([
    ["--model", "two"],
    ["--system-message", "Be brief."],
  ])("%s is refused where the file has several", async (flag, value) => {
    const ran = await massgen(["--config", place.write("three.yaml", councilYaml(server.baseUrl)), flag, value, "Why?"], { home });
    expect([ran.code, ran.stdout]).toEqual([64, ""]);
    expect(ran.stderr).toMatch(new RegExp(`${flag} is about one agent, and .*three\\.yaml has 3\\.`, "u"));
  });
});
