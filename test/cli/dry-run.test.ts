import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeOllama } from "../../src/testing/fake-engines/ollama/start-fake-ollama.ts";
import type { FakeEngine } from "../../src/testing/fake-engines/fake-engine.ts";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { massgen, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let ollama: FakeEngine;
let cloud: FakeServer;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: ["here"], catalog: ["elsewhere"] });
  cloud = await startFakeOpenAI({ models: ["m"], reply: { text: "unasked" } });
});
afterAll(async () => {
  await Promise.all([ollama.close(), cloud.close()]);
  place.remove();
});

const environment = () => ({ MASSGEN_ENGINES: "", OPENAI_API_KEY: "sk-canary-0123456789", OPENAI_BASE_URL: cloud.baseUrl });

test("--dry-run fetches nothing, whatever the config allows", async () => {
  const backend = `{type: ollama, base_url: '${ollama.origin}', model: elsewhere, autopull: true, autostart: true}`;
  const config = place.write("pull.yaml", `agents: [{id: a, backend: ${backend}}]`);
  const { code, stderr } = await massgen(["--dry-run", "--config", config, "Why?"], { home, environment: environment() });
  expect(code).toBe(0);
  expect(stderr).toContain('does not have the model "elsewhere"');
  expect(ollama.paths.filter((line) => line.startsWith("POST /api/pull"))).toEqual([]);
});

test.each([["--model", "gpt-5-mini"], ["--backend", "openai", "--model", "m"], ["--cloud"]])(
  "OPENAI_BASE_URL holds for %s %s too",
  async (...flags) => {
    const { stdout, stderr } = await massgen(["--dry-run", ...flags, "Why?"], { home, environment: environment() });
    expect(stdout).toContain(new URL(cloud.baseUrl).origin);
    expect(stdout + stderr).not.toMatch(/api\.openai\.com|sk-canary/u);
  },
);

test("a cloud of which no model is named shows the one that a run would take", async () => {
  const clouds = "{gemini: {backend: {type: gemini}}, groq: {backend: {type: chatcompletion, base_url: 'https://api.groq.com/openai/v1'}}}";
  const config = place.write("clouds.yaml", `agents: ${clouds}`);
  const keys = { ...environment(), GEMINI_API_KEY: "canary-of-gemini", GROQ_API_KEY: "canary-of-groq" };
  const { stdout } = await massgen(["--dry-run", "--config", config, "Why?"], { home, environment: keys });
  expect(stdout).toMatch(/^gemini\s+gemini\/gemini-2\.5-flash\s.*\ngroq\s+chatcompletion\/openai\/gpt-oss-120b\s/u);
});

test("what an engine repeats of a key is shown to nobody, also before there is a council", async () => {
  const answers: Readonly<Record<string, object>> = {
    "/api/version": { version: "0.13.5" },
    "/api/tags": { models: [] },
    "/api/ps": { models: [] },
  };
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    response.statusCode = answer === undefined ? 500 : 200;
    response.end(JSON.stringify(answer ?? { error: `I do not like ${String(request.headers.authorization).slice("Bearer ".length)}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const backend = `{type: ollama, base_url: '${base}', model: m, autopull: true, api_key: hunter-of-the-lost-key}`;
  const config = place.write("echo.yaml", `agents: [{id: a, backend: ${backend}}]`);
  const { stdout, stderr } = await massgen(["--config", config, "Why?"], { home, environment: environment() });
  server.close();
  expect(stderr).toContain("I do not like");
  expect(stdout + stderr).not.toContain("hunter-of-the-lost-key");
});

test("doctor asks where a run would ask, with the key of that place", async () => {
  const config = place.write("cloud.yaml", "agents: [{id: a, backend: {type: openai, model: m}}]");
  const { stdout } = await massgen(["doctor", "--config", config], { home, environment: environment() });
  expect(stdout).toContain(`${new URL(cloud.baseUrl).origin} is ready`);
  const broken = await massgen(["doctor", "--config", config], { home, environment: { ...environment(), OPENAI_BASE_URL: "nowhere" } });
  expect(broken.stdout).toContain("The variable OPENAI_BASE_URL must be");
});
