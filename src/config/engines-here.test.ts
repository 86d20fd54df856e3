import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeEngine } from "../testing/fake-engines/fake-engine.ts";
import { startFakeLlamaCpp } from "../testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "../testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "../testing/fake-engines/ollama/start-fake-ollama.ts";
import { modelsOf, placeOfModel } from "./models-here.ts";
import { type Around, enginesHere, enginesNamed } from "./engines-here.ts";
import { whyNot } from "./look-at-address.ts";

const never = new AbortController().signal;
const CANARY = "canary-7d1f0a9be2c4";
let llamaCpp: FakeEngine;
let lmStudio: FakeEngine;
let ollama: FakeEngine;
let page: Server;
let hole: ReturnType<typeof createSocket>;
const sockets = new Set<Socket>();
const addressOf = (server: Pick<Server, "address">): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  llamaCpp = await startFakeLlamaCpp({ models: ["qwen3-4b"] });
  lmStudio = await startFakeLmStudio({ models: [{ id: "qwen3-4b", loaded: true }, "gemma"], apiKey: CANARY });
  ollama = await startFakeOllama({ models: ["qwen3-4b:latest"] });
  page = createServer((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html><title>Router</title>"));
  hole = createSocket((socket) => sockets.add(socket));
  await Promise.all([page, hole].map((server) => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  page.close();
  hole.close();
  await Promise.all([llamaCpp.close(), lmStudio.close(), ollama.close()]);
});

function around(places: readonly string[], environment: Readonly<Record<string, string>> = {}): Around {
  const folder = join(tmpdir(), "massgen-none");
  return {
    environment: { MASSGEN_ENGINES: places.join(","), ...environment },
    folders: { models: folder, engines: folder },
  };
}

test("what answers is found as what it is, on whatever port, and the rest is told apart", async () => {
  const places = [lmStudio.origin, ollama.origin, addressOf(page), addressOf(hole), "http://127.0.0.1:59999", "http://192.0.2.1"];
  const found = await enginesHere(around(places), never);
  expect(found.map(({ engine, probe }) => [engine?.kind, probe.type])).toEqual([
    ["lmstudio", "refused"],
    ["ollama", "ready"],
    [undefined, "other"],
    [undefined, "unknown"],
    [undefined, "down"],
    ["embedded", expect.any(String)],
  ]);
  const sentences = found.map(whyNot);
  expect(sentences[2]).toContain("Router");
  expect(sentences[3]).toContain("did not answer in time");
  const listings = await modelsOf(found, never);
  expect(listings.flatMap(({ problem }) => (problem === undefined ? [] : [problem]))).toHaveLength(4);
});

test("the token of LM Studio goes to LM Studio", async () => {
  const found = await enginesHere(around([lmStudio.origin, llamaCpp.origin], { LM_API_TOKEN: CANARY }), never);
  expect(found.slice(0, 2).map(({ probe }) => probe.type)).toEqual(["ready", "ready"]);
  const named = await enginesNamed(lmStudio.origin, around([], { LM_API_TOKEN: CANARY }), never);
  expect(named.map(({ engine }) => engine?.kind)).toEqual(["lmstudio"]);
});

test("OLLAMA_HOST is looked at too, where it is on this machine", async () => {
  const { folders } = around([]);
  const found = await enginesHere({ environment: { OLLAMA_HOST: new URL(ollama.origin).host }, folders }, never);
  expect(found.some(({ origin, probe }) => origin === ollama.origin && probe.type === "ready")).toBe(true);
});

test("an engine is named by what it is, or by its address", async () => {
  const places = around([llamaCpp.origin]);
  expect((await enginesNamed("llama.cpp", places, never)).map(({ origin }) => origin)).toEqual([llamaCpp.origin]);
  expect((await enginesNamed(`${ollama.origin}/v1`, places, never)).map(({ engine }) => engine?.kind)).toEqual(["ollama"]);
  await expect(enginesNamed("olama", places, never)).rejects.toMatchObject({ hint: "Did you mean ollama?" });
  await expect(enginesNamed("ollama", places, never)).rejects.toMatchObject({ hint: expect.stringContaining("ollama serve") as string });
  await expect(enginesNamed(addressOf(page), places, never)).rejects.toThrow(/Router/u);
  await expect(enginesNamed("http://127.0.0.1:59999", places, never)).rejects.toThrow(/is it running/u);
});

test("a model is found by its name, and what is not clear is said", async () => {
  const listings = await modelsOf(await enginesHere(around([llamaCpp.origin, ollama.origin]), never), never);
  expect(() => placeOfModel("qwen3-4b", listings)).toThrow(/Several engines have qwen3-4b: llama\.cpp at .* and Ollama at/u);
  expect(placeOfModel("qwen3-4b:latest", listings).engine.kind).toBe("ollama");
  expect(() => placeOfModel("qwen3-4", listings)).toThrow(expect.objectContaining({ hint: "Did you mean qwen3-4b?" }));
  expect(() => placeOfModel("mistral", listings)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("models list") as string }),
  );
});
