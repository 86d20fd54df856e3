import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocket, type Server as NetServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "../../src/testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "../../src/testing/fake-engines/ollama/start-fake-ollama.ts";
import { readConfig } from "../../src/config/load-config.ts";
import { startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { oddServer } from "../engines/one-call.ts";
import { massgen, type Ran, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
/** Nothing of this machine is looked at but what a test names. */
const alone = { MASSGEN_ENGINES: "" };
const CANARY = "canary-3b9e6d02f7a1";
const closers: (() => unknown)[] = [() => place.remove()];
afterAll(async () => {
  for (const close of closers) await close();
});

interface Line {
  readonly check: string;
  readonly target: string;
  readonly status: string;
  readonly ms: number;
  readonly text: string;
  readonly hint?: string;
  readonly state?: string;
}

function linesOf({ stdout }: Ran): readonly Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

async function listening(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** Accepts and never answers. */
async function blackHole(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocket((socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listening(server);
}

async function webPage(): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>My router</title>"),
  );
  closers.push(() => server.close());
  return listening(server);
}

const agent = (id: string, backend: Readonly<Record<string, string>>): object => ({ id, backend: { api_key: CANARY, ...backend } });

function config(name: string, agents: readonly object[]): string {
  return place.write(name, JSON.stringify({ agents }));
}

test("a config whose backends are all there: each is asked at its own address, and no key is shown", async () => {
  const llamaCpp = await startFakeLlamaCpp({ models: [{ id: "qwen3-4b", sizeBytes: 2_500_000_000 }], apiKey: CANARY });
  const lmStudio = await startFakeLmStudio({ models: [{ id: "gemma-3", loaded: true, sizeBytes: 1_000_000_000 }], apiKey: CANARY });
  const openai = await startFakeOpenAI({ models: ["one"], reply: {} });
  closers.push(
    () => llamaCpp.close(),
    () => lmStudio.close(),
    () => openai.close(),
  );
  const file = config("well.json", [
    agent("a", { type: "llamacpp", model: "qwen3-4b", base_url: llamaCpp.baseUrl }),
    agent("b", { type: "lmstudio", model: "gemma-3", base_url: lmStudio.baseUrl }),
    agent("c", { type: "chatcompletion", model: "one", base_url: openai.baseUrl }),
  ]);
  const environment = { ...alone, OPENAI_API_KEY: `sk-${CANARY}`, LM_API_TOKEN: CANARY };
  const ran = await massgen(["doctor", "--config", file, "--json"], { home, environment });
  expect(ran.code).toBe(0);
  const lines = linesOf(ran);
  const backends = lines.filter(({ check }) => check === "backend");
  expect(backends.map(({ status, state }) => [status, state])).toEqual([
    ["ok", "ready"],
    ["ok", "ready"],
    ["ok", "ready"],
  ]);
  expect(backends[1]?.text).toContain("its model gemma-3 is in memory");
  expect(lines.find(({ check }) => check === "fit")?.text).toContain("qwen3-4b 2.5 GB without its context + gemma-3 1.0 GB");
  expect(lines.find(({ target }) => target === "OPENAI_API_KEY")?.text).toContain("for api.openai.com; not used");
  expect(lines.at(-1)).toMatchObject({ check: "summary", status: "ok", text: expect.stringContaining("This council can run.") as string });
  for (const line of lines) expect(line).toMatchObject({ status: expect.any(String) as string, ms: expect.any(Number) as number });
  const text = await massgen(["doctor", "--config", file], { home, environment });
  expect(text.stdout).toMatch(/^This council can run\./mu);
  expect(text.stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  expect(`${ran.stdout}${ran.stderr}${text.stdout}${text.stderr}`).not.toContain(CANARY);
  expect([...llamaCpp.requests, ...lmStudio.requests, ...openai.requests.filter(({ body }) => "messages" in body)]).toEqual([]);
});

test("a place that never answers makes nothing unknown but itself", async () => {
  const ollama = await startFakeOllama({ models: ["qwen3-4b:latest"] });
  closers.push(() => ollama.close());
  const environment = { MASSGEN_ENGINES: `${await blackHole()},${ollama.origin},http://127.0.0.1:59999` };
  const ran = await massgen(["doctor", "--json"], { home, environment });
  const engines = linesOf(ran).filter(({ check }) => check === "engine");
  expect(engines.slice(0, 3).map(({ status, state }) => [status, state])).toEqual([
    ["unknown", "unknown"],
    ["ok", "ready"],
    ["warning", "down"],
  ]);
  expect(engines[2]?.text).toBe("The server at http://127.0.0.1:59999 does not answer: is it running?");
  expect(ran.code).toBe(0);
});

test("what is wrong with each backend, and what to do", async () => {
  const lmStudio = await startFakeLmStudio({ models: ["qwen3-4b", "gemma-3"], apiKey: "another" });
  const open = await startFakeLmStudio({ models: ["qwen3-4b", "gemma-3"] });
  closers.push(
    () => lmStudio.close(),
    () => open.close(),
  );
  const file = config("ill.json", [
    agent("token", { type: "lmstudio", model: "gemma-3", base_url: lmStudio.baseUrl }),
    agent("model", { type: "lmstudio", model: "qwen3-4", base_url: open.baseUrl }),
    agent("several", { type: "lmstudio", base_url: open.baseUrl }),
    agent("down", { type: "ollama", model: "x", base_url: "http://127.0.0.1:59999" }),
    agent("other", { type: "vllm", model: "x", base_url: open.baseUrl }),
    { id: "key", backend: { type: "chatcompletion", model: "gpt", base_url: "https://api.groq.com/openai/v1" } },
    { id: "file", backend: { type: "embedded", model: "SmolLM2-1.7B-Instruct" } },
  ]);
  const ran = await massgen(["doctor", "--config", file, "--json"], { home, environment: alone });
  expect(ran.code).toBe(1);
  const found = Object.fromEntries(
    linesOf(ran)
      .filter(({ check }) => check === "backend")
      .map(({ target, status, text, hint }) => [/"(\w+)"/u.exec(target)?.[1], `${status}: ${text} > ${hint}`]),
  );
  expect(found).toMatchObject({
    token: expect.stringMatching(/^failed: .*401.* > Correct api_key/u) as string,
    model: expect.stringMatching(/^failed: .*does not list the model qwen3-4 > Did you mean qwen3-4b\?/u) as string,
    several: expect.stringMatching(/^failed: .*no model is named, and it has 2 models > Name one: qwen3-4b, gemma-3/u) as string,
    down: expect.stringMatching(/^failed: .*> Start it \(Ollama: ollama serve\)/u) as string,
    other: expect.stringMatching(/^failed: .*what answers there is LM Studio/u) as string,
    key: expect.stringMatching(/^failed: there is no key for api\.groq\.com > Set the variable GROQ_API_KEY/u) as string,
    file: expect.stringMatching(/^failed: .*is not here > massgen models pull SmolLM2-1\.7B-Instruct \(1\.1 GB\)/u) as string,
  });
});

test("a config that cannot be read is a finding among the others", async () => {
  const ran = await massgen(["doctor", "--config", place.write("bad.yaml", "agents: 5"), "--json"], { home, environment: alone });
  expect(ran.code).toBe(1);
  const lines = linesOf(ran);
  expect(lines.find(({ check }) => check === "config")).toMatchObject({ status: "failed" });
  expect(lines.find(({ check }) => check === "disk")).toMatchObject({ status: expect.any(String) as string });
});

test("fifty backends, ten black holes and five that are something else among them: all at once, cut off is unknown", async () => {
  const good = await Promise.all(Array.from({ length: 35 }, () => startFakeOpenAI({ models: ["one"], reply: {} })));
  closers.push(() => Promise.all(good.map((server) => server.close())));
  const holes = await Promise.all(Array.from({ length: 10 }, blackHole));
  const pages = await Promise.all(Array.from({ length: 5 }, webPage));
  const addresses = [...good.map(({ baseUrl }) => baseUrl), ...holes, ...pages];
  const file = config(
    "fifty.json",
    addresses.map((base_url, at) => agent(`agent${at}`, { type: "chatcompletion", model: "one", base_url })),
  );
  await massgen(["doctor", "--json"], { home, environment: alone });
  const begun = performance.now();
  const ran = await massgen(["doctor", "--config", file, "--json"], { home, environment: alone });
  const ms = performance.now() - begun;
  expect(ran.code).toBe(1);
  const lines = linesOf(ran).filter(({ check }) => check === "backend");
  const count = (status: string): number => lines.filter((line) => line.status === status).length;
  expect({ ok: count("ok"), unknown: count("unknown"), failed: count("failed") }).toEqual({ ok: 35, unknown: 10, failed: 5 });
  expect(lines.filter(({ status }) => status === "failed").map(({ text }) => text)[0]).toContain("My router");
  // One after the other the black holes alone would take 3,500 ms.
  expect(ms).toBeLessThan(2_500);
});

test("--tune measures one call and several at once, and says what follows", async () => {
  const server = await startFakeLlamaCpp({
    models: ["paced"],
    slots: 2,
    promptTokensPerSecond: 4_000,
    tokensPerSecond: 400,
    reply: { text: "word ".repeat(48) },
  });
  closers.push(() => server.close());
  const ran = await massgen(["doctor", "--tune", "--engine", server.origin, "--json"], { home, environment: alone });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(
    /Measuring paced at llama\.cpp .*: 4 short prompts with replies of 48 tokens\. Nothing leaves this machine\./u,
  );
  const lines = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ check, calls }) => [check, calls])).toEqual([
    ["speed", 1],
    ["speed", 2],
    ["tune", undefined],
  ]);
  expect(lines.at(-1)).toMatchObject({ slots: 2, parallel: expect.any(Number) as number, oneByOneMs: expect.any(Number) as number });
  expect(server.requests).toHaveLength(4);
  expect(new Set(server.requests.map(({ body }) => JSON.stringify(body.messages))).size).toBe(4);
  const { stdout } = await massgen(["doctor", "--tune", "--engine", server.origin], { home });
  expect(stdout).toContain("Computed from these measurements: 3 drafts");
  const snippet = `agents:\n${stdout.slice(stdout.indexOf("  - id: agent1"))}`;
  expect(readConfig("snippet.yaml", snippet, {})).toMatchObject({
    warnings: [],
    agents: [{ backend: { type: "llamacpp", model: "paced" } }],
  });
});

test("--tune sends nothing to an engine elsewhere", async () => {
  const ran = await massgen(["doctor", "--tune", "--engine", "http://model.invalid:1234"], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
});

test("--tune sends nothing to a model that its engine passes on to a cloud", async () => {
  const cloud = { name: "gpt-oss:120b-cloud", remote_model: "gpt-oss:120b", remote_host: "https://ollama.com:443" };
  const pages: Readonly<Record<string, object>> = {
    "/api/version": { version: "0.17.4" },
    "/api/tags": { models: [cloud] },
    "/api/ps": { models: [] },
  };
  const asked: string[] = [];
  const server = await oddServer(({ url = "" }, response) => {
    asked.push(url);
    response.writeHead(url in pages ? 200 : 404).end(JSON.stringify(pages[url] ?? {}));
  });
  closers.push(() => server.close());
  const named = ["doctor", "--tune", "--engine", server.origin, "--model", cloud.name];
  expect(await massgen(named, { home })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("passes gpt-oss:120b-cloud on to a cloud") as string,
  });
  expect(await massgen(named.slice(0, 4), { home })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("No engine on this machine") as string,
  });
  expect(asked.filter((url) => /chat|generate/u.test(url))).toEqual([]);
});

test("without a config a council can run where an engine is ready with a model, and not where none is", async () => {
  const server = await startFakeLmStudio({ models: [{ id: "qwen3-4b", loaded: true, sizeBytes: 2_500_000_000 }], apiKey: CANARY });
  closers.push(() => server.close());
  const environment = { MASSGEN_ENGINES: `${server.origin},http://127.0.0.1:59999`, LM_API_TOKEN: CANARY };
  const well = await massgen(["doctor"], { home, environment });
  expect(well.code).toBe(0);
  expect(well.stdout).toMatch(/ok +LM Studio at .*: ready.*1 model/u);
  expect(well.stdout).toContain("in memory: qwen3-4b (2.5 GB");
  expect(well.stdout).toMatch(/^A council can run on this machine\./mu);
  expect(well.stdout).not.toContain(CANARY);
  const none = await massgen(["doctor"], { home, environment: alone });
  expect(none.code).toBe(1);
  expect(none.stdout).toMatch(/^No council can run yet: [^]*^Next: Start LM Studio/mu);
  const refused = await massgen(["doctor", "--json"], { home, environment: { MASSGEN_ENGINES: server.origin } });
  expect(linesOf(refused).find(({ state }) => state === "refused")).toMatchObject({ check: "engine", status: "failed" });
});
