import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudTypes } from "../src/models/backends/backends.ts";
import type { FakeServer } from "../src/testing/fake-openai-server.ts";
import { councilServer, massgen, type Ran, workplace } from "./cli/massgen.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

/**
 * A council with one agent on every cloud, each with a key of its own, at a server of its own that refuses the key and repeats it in its
 * refusal; beside them one agent that answers. No key may come out anywhere, nor reach another's server.
 */
const keyOf = (type: string): string => `canary-of-${type}-0123456789abcdef`;
const keys = [...cloudTypes.map(keyOf), keyOf("chatcompletion")];

const place = workplace();
const servers = new Map<string, Recorder>();
let answering: FakeServer;

beforeAll(async () => {
  for (const type of cloudTypes) {
    servers.set(
      type,
      await startRecorder(({ headers }) => [
        401,
        `the key ${String(headers.authorization ?? headers["x-api-key"] ?? headers["x-goog-api-key"])} is wrong`,
      ]),
    );
  }
  answering = await councilServer();
});
afterAll(async () => {
  await Promise.all([...servers.values(), answering].map((server) => server.close()));
  place.remove();
});

function run(name: string, ...flags: readonly string[]): Promise<Ran> {
  const agents = cloudTypes.map((type) => ({ id: type, backend: { type, base_url: servers.get(type)?.origin, api_key: keyOf(type) } }));
  const one = { type: "chatcompletion", model: "one", base_url: answering.baseUrl, api_key: keyOf("chatcompletion") };
  const config = place.write(`${name}.json`, JSON.stringify({ agents: [...agents, { id: "one", backend: one }] }));
  return massgen(["--config", config, ...flags, "Why?"], { home: join(place.folder, name) });
}

/** Every file below a folder, as text. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

test.each([
  ["events", ["--json"]],
  ["everything", ["-vv"]],
  ["quiet", ["-q", "--strict"]],
])("no key comes out in %s, nor in what is kept of the run", async (name, flags) => {
  const logFile = join(place.folder, `${name}.jsonl`);
  const { code, stdout, stderr } = await run(name, ...flags, "--log-file", logFile);
  expect([0, 5]).toContain(code);
  const all = [stdout, stderr, readFileSync(logFile, "utf8"), written(join(place.folder, name))].join("\n");
  for (const key of keys) expect(all).not.toContain(key);
});

test("every server hears its own key and no other", async () => {
  await run("own-keys");
  for (const [type, { requests }] of servers) {
    const heard = JSON.stringify(requests);
    expect([type, requests.length > 0]).toEqual([type, true]);
    expect(heard).toContain(keyOf(type));
    for (const key of keys.filter((other) => other !== keyOf(type))) expect(heard).not.toContain(key);
  }
  for (const key of keys.slice(0, -1)) expect(JSON.stringify(answering.requests)).not.toContain(key);
});

test("a redirect to another host takes no key with it", async () => {
  const thief = await startRecorder();
  const { createServer } = await import("node:http");
  const redirecting = createServer((_request, response) => response.writeHead(307, { location: `${thief.origin}/v1/x` }).end());
  await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
  const { port } = redirecting.address() as { port: number };
  for (const type of cloudTypes) {
    const config = place.write(
      "moved.json",
      JSON.stringify({ agent: { id: type, backend: { type, base_url: `http://127.0.0.1:${port}`, api_key: keyOf(type) } } }),
    );
    const { code, stderr } = await massgen(["--config", config, "Why?"], { home: join(place.folder, "moved") });
    expect([type, code]).toEqual([type, 2]);
    expect(stderr).toContain(thief.origin);
  }
  expect(thief.requests).toEqual([]);
  redirecting.closeAllConnections();
  redirecting.close();
  await thief.close();
});
