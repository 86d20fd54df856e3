import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeServer, type FakeServerOptions, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { cloudsAt, type Recorder, startRecorder } from "../recorder.ts";
import { massgen, workplace } from "./massgen.ts";

type Reply = Exclude<FakeServerOptions["reply"], (...parameters: never) => unknown>;
type Body = Parameters<Exclude<FakeServerOptions["reply"], Reply>>[0]["body"];

const place = workplace();
const home = join(place.folder, "home");
const KEY = "canary-0123456789abcdef";
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder(() => [401, `the key ${KEY} is wrong`]);
});
afterAll(async () => {
  await recorder.close();
  place.remove();
});

const usual = (body: Body): Reply => {
  if (body.response_format !== undefined) return { text: '{"reason":"apple","choice":"A"}' };
  if (body.tools !== undefined) return { toolCalls: [{ name: "note", arguments: '{"text":"hi"}' }] };
  return { tokens: ["One two three ", "four five six ", "seven eight."], betweenTokensMs: 3 };
};

async function tested(reply: (body: Body) => Reply, backend: object = {}, ...flags: readonly string[]) {
  const server: FakeServer = await startFakeOpenAI({ reply: ({ body }) => reply(body), models: ["m"] });
  const agent = { id: "a", backend: { type: "chatcompletion", model: "m", base_url: server.baseUrl, api_key: KEY, ...backend } };
  const config = place.write("one.json", JSON.stringify({ agent }));
  const ran = await massgen(["backends", "test", "--config", config, ...flags], { home });
  await server.close();
  return { ...ran, requests: server.requests };
}

test("key, model, streaming, ballot, tools and images of a backend, after its price, for at most 50 tokens", async () => {
  const { code, stdout, stderr, requests } = await tested(usual, { accepts: ["image"] });
  expect(code).toBe(0);
  expect(stderr).toBe("a: about 600 tokens in, at most 50 out, what they cost is not known here.\n");
  expect(stdout).toMatch(/✓\s+a\s+chatcompletion\/m\s+accepted\s+pieces\s+schema\s+called\s+taken/u);
  expect(requests.reduce((sum, { body }) => sum + (body.max_tokens ?? Infinity), 0)).toBeLessThanOrEqual(50);
  expect(JSON.stringify(requests[0]?.body)).toContain("data:image/png;base64,");
});

test("--json has a line for each", async () => {
  const { stdout } = await tested(usual, {}, "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    backend: "a",
    ok: true,
    key: "accepted",
    model: "there",
    streaming: "pieces",
    ballot: "schema",
    tools: "called",
    images: "not for this model",
    failures: [],
  });
});

describe("what fails exits with 1 and is named", () => {
  test.each<[string, (body: Body) => Reply, object, RegExp]>([
    [
      "no ballot",
      (body) => (body.response_format === undefined ? usual(body) : { text: "I like fruit." }),
      {},
      /no ballot that can be read/u,
    ],
    [
      "tools refused",
      (body) => (body.tools === undefined ? usual(body) : { status: 400, body: '{"error":{"message":"no tools here"}}' }),
      {},
      /no tools here/u,
    ],
    ["a model that is missing", () => ({ status: 404, body: '{"error":{"message":"model_not_found"}}' }), {}, /has no such model/u],
    [
      "images refused",
      (body) => (JSON.stringify(body).includes("data:image") ? { status: 400, body: '{"error":{"message":"cannot see"}}' } : usual(body)),
      { accepts: ["image"] },
      /cannot see/u,
    ],
  ])("%s", async (_name, reply, backend, why) => {
    const { code, stdout } = await tested(reply, backend);
    expect([code, stdout]).toEqual([1, expect.stringMatching(why)]);
    expect(stdout).toContain("✗");
  });

  test("a wrong key, which is not shown", async () => {
    const { code, stdout, stderr } = await massgen(["backends", "test", "openai", "claude", "--json"], {
      home,
      environment: { ...cloudsAt(recorder.origin), OPENAI_API_KEY: KEY },
    });
    const rows = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly backend: string; readonly key: string });
    expect([code, rows.map(({ backend, key }) => [backend, key])]).toEqual([
      1,
      [
        ["openai", "refused"],
        ["claude", "refused"],
      ],
    ]);
    expect(stdout + stderr).not.toContain(KEY);
    expect(stderr).toMatch(/^openai: .* at most about \$0\.\d+\.$/mu);
  });

  test.each([
    [["openia"], 64, "Did you mean openai?"],
    [["groq"], 1, "Set the variable GROQ_API_KEY"],
    [[], 1, "No key of a cloud is set"],
  ])("names %j", async (names, code, part) => {
    const ran = await massgen(["backends", "test", ...names], { home });
    expect(ran.code).toBe(code);
    expect(ran.stdout + ran.stderr).toContain(part);
  });
});

test("a model that only thinks in that many tokens is no failure, and it is said", async () => {
  const { code, stdout } = await tested((body) =>
    body.tools === undefined ? { reasoning: "Hmm.", text: "", finish: "length" } : usual(body),
  );
  expect([code, stdout]).toEqual([0, expect.stringContaining("It thinks first")]);
});
