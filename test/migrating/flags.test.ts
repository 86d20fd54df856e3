import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeServer } from "../../src/testing/fake-openai-server.ts";
import { startFakeLmStudio } from "../../src/testing/index.ts";
import { councilServer, councilYaml, massgen, workplace } from "../cli/massgen.ts";
import { cloudsAt, type Recorder, startRecorder } from "../recorder.ts";

/** The command line of MassGen 0.0.7, flag by flag (docs/migrating.md). */
const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;
let recorder: Recorder;
let config: string;

beforeAll(async () => {
  server = await councilServer();
  recorder = await startRecorder();
  config = place.write("council.yaml", councilYaml(server.baseUrl));
});
afterAll(async () => {
  await Promise.all([server.close(), recorder.close()]);
  place.remove();
});

const run = (argv: readonly string[], environment = {}) => massgen(argv, { home, environment: { MASSGEN_ENGINES: "", ...environment } });

/** What the first request of a run asks of the recorder. */
async function asked(argv: readonly string[]) {
  const before = recorder.requests.length;
  await run([...argv, "Why?"], cloudsAt(recorder.origin));
  return recorder.requests[before];
}

test("a question as the one argument is answered, and the process ends", async () => {
  expect(await run(["--model", "one", "--base-url", server.baseUrl, "Why is the sky blue?"])).toMatchObject({
    code: 0,
    stdout: "The draft of one.\n",
  });
});

test("without a model nothing is asked of OpenAI", async () => {
  const before = recorder.requests.length;
  const { code } = await run(["Why?"], { ...cloudsAt(recorder.origin), MASSGEN_ENGINES: server.baseUrl.replace(/\/v1$/u, "") });
  expect([code, recorder.requests.length]).toEqual([0, before]);
});

test("--config PATH", async () => {
  expect(await run(["--config", config, "Why?"])).toMatchObject({ code: 0, stdout: "The final answer.\n" });
});

test("--config and --backend exclude each other", async () => {
  expect(await run(["--config", config, "--backend", "openai", "Why?"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("--config and --backend exclude each other") as string,
  });
});

test.each(["--model", "--system-message", "--base-url"])("--config refuses what it would ignore: %s", async (flag) => {
  const value = flag === "--base-url" ? server.baseUrl : "x";
  expect(await run(["--config", config, flag, value, "Why?"])).toMatchObject({ code: 64, stdout: "" });
});

test("--backend openai speaks the Responses API", async () => {
  expect(await asked(["--backend", "openai", "--model", "gpt-5"])).toMatchObject({ path: "/v1/responses", body: { model: "gpt-5" } });
});

test("--backend claude speaks the Messages API", async () => {
  expect(await asked(["--backend", "claude", "--model", "claude-x"])).toMatchObject({ path: "/v1/messages", body: { model: "claude-x" } });
});

test("--backend gemini speaks Google's API", async () => {
  expect((await asked(["--backend", "gemini", "--model", "gemini-x"]))?.path).toMatch(/^\/v1beta\/models\/gemini-x:streamGenerateContent/u);
});

test("--backend grok speaks xAI's API", async () => {
  expect(await asked(["--backend", "grok", "--model", "grok-x"])).toMatchObject({
    path: expect.stringMatching(/^\/v1\/(?:responses|chat\/completions)$/u) as string,
    body: { model: "grok-x" },
  });
});

test("--backend zai speaks Z AI's API", async () => {
  expect(await asked(["--backend", "zai", "--model", "glm-x"])).toMatchObject({
    path: "/api/paas/v4/chat/completions",
    body: { model: "glm-x" },
  });
});

test.each(["chatcompletion", "ChatCompletion"])("--backend chatcompletion as %s", async (name) => {
  expect(await run(["--backend", name, "--model", "one", "--base-url", server.baseUrl, "Why?"])).toMatchObject({ code: 0 });
});

test("--backend lmstudio asks LM Studio", async () => {
  const lmStudio = await startFakeLmStudio({ models: [{ id: "qwen", loaded: true }] });
  const { code } = await run(["--backend", "lmstudio", "--model", "qwen", "--base-url", lmStudio.origin, "Why?"]);
  expect([code, lmStudio.requests.at(-1)?.body.model]).toEqual([0, "qwen"]);
  await lmStudio.close();
});

test("--model and the default of each backend: none takes another's", async () => {
  expect(await asked(["--backend", "claude"])).toMatchObject({ body: { model: expect.stringMatching(/^claude-/u) as string } });
  expect((await asked(["--backend", "gemini"]))?.path).toContain("/models/gemini-");
  expect(await asked(["--backend", "grok"])).toMatchObject({ body: { model: expect.stringMatching(/^grok-/u) as string } });
});

test("--system-message is what the agent is told about itself", async () => {
  const before = server.requests.length;
  await run(["--model", "one", "--base-url", server.baseUrl, "--system-message", "You are a poet.", "Why?"]);
  expect(server.requests[before]?.body.messages[0]).toMatchObject({
    role: "system",
    content: expect.stringContaining("You are a poet.") as string,
  });
});

test.each(["", "/", "/chat/completions"])("--base-url that ends in %j is understood", async (end) => {
  expect(await run(["--model", "one", "--base-url", `${server.baseUrl}${end}`, "Why?"])).toMatchObject({ code: 0 });
});

test.each([
  ["openai", "/v1", "/v1/responses"],
  ["claude", "", "/v1/messages"],
  ["grok", "/v1", "/v1/"],
  ["gemini", "", "/v1beta/models/"],
])("--base-url of %s%s is where its requests go", async (backend, root, path) => {
  const before = recorder.requests.length;
  await run(["--backend", backend, "--base-url", `${recorder.origin}${root}`, "Why?"]);
  expect(recorder.requests[before]?.path.startsWith(path)).toBe(true);
});

test("--no-display draws nothing over", async () => {
  const { stderr } = await massgen(["--config", config, "--no-display", "Why?"], { home, terminal: true });
  expect(stderr).not.toContain("\r");
});

test("--no-logs leaves nothing of the run behind", async () => {
  const fresh = join(place.folder, "without-logs");
  const { code } = await massgen(["--config", config, "--no-logs", "Why?"], { home: fresh });
  expect(code).toBe(0);
  expect(existsSync(fresh)).toBe(false);
});

test.each(["-h", "--help"])("--help as %s", async (flag) => {
  expect(await run([flag])).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage") as string });
});

test("--create-samples names what does its job", async () => {
  expect(await run(["--create-samples"])).toMatchObject({ code: 64, stderr: expect.stringContaining("massgen init") as string });
});
