import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/load-config.ts";
import { createChatCompletion } from "../../src/models/backends/chatcompletion/create-chat-completion.ts";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { answered } from "../answered.ts";
import { councilServer, councilYaml, KEY, massgen, workplace } from "../cli/massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
const servers: FakeServer[] = [];
const kept = async (server: Promise<FakeServer>): Promise<FakeServer> => {
  servers.push(await server);
  return server;
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => place.remove());

describe("replies", () => {
  it.each(["parts", "object"] as const)(
    "9. an answer that arrives as something other than a string (%s) becomes its text",
    async (contentAs) => {
      const { baseUrl } = await kept(startFakeOpenAI({ reply: { text: "The whole answer.", contentAs } }));
      expect(await answered(createChatCompletion({ baseUrl, model: "m" }), "Why?")).toMatchObject({
        type: "replied",
        text: "The whole answer.",
      });
    },
  );

  it("45. a server that ends a right tool call with finish reason stop is understood", async () => {
    const toolCalls = [{ name: "ballot", arguments: { reason: "clear", choice: "A" } }];
    const { baseUrl } = await kept(startFakeOpenAI({ reply: { toolCalls, finish: "stop" } }));
    const outcome = await answered(createChatCompletion({ baseUrl, model: "m" }), "Why?");
    expect(outcome).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot", input: expect.stringContaining('"choice":"A"') }] });
  });
});

describe("configuration and faces", () => {
  it("43. an unknown key is reported with its path and line; null falls back to the default", () => {
    const text = "agents:\n  - id: one\n    backend: { type: embedded, model: x.gguf, temperature: null }\n    sytem_message: hello\n";
    expect(() => readConfig("council.yaml", text, {})).toThrow(/council\.yaml:4:5: .*sytem_message.*system_message/u);
    const { agents, settings } = readConfig(
      "council.yaml",
      `${text.split("\n").slice(0, 3).join("\n")}\norchestrator: null\nui: null\n`,
      {},
    );
    expect(agents[0]?.backend.temperature).toBeUndefined();
    expect(settings.bounds.runTokens).toBe(200_000);
  });

  it("44. a key in the config works, and appears in no log, event, error or other host's request", async () => {
    const stranger = await kept(councilServer());
    const strict = await kept(startFakeOpenAI({ apiKey: KEY, models: ["one"], reply: { text: `My key is ${KEY}.` } }));
    const wrong = await kept(startFakeOpenAI({ apiKey: "another-key-entirely", models: ["three"], reply: { text: "never" } }));
    const more = [
      `  - { id: two, backend: { type: chatcompletion, model: two, base_url: "${stranger.baseUrl}" } }\n`,
      `  - { id: three, backend: { type: chatcompletion, model: three, base_url: "${wrong.baseUrl}", api_key: "wrong-${KEY}" } }\n`,
    ];
    const config = place.write("keys.yaml", councilYaml(strict.baseUrl, ["one"]) + more.join(""));
    const log = join(place.folder, "log.jsonl");
    const ran = await massgen(["--config", config, "-vv", "--log-file", log, "Why?"], { home });
    expect(ran.code).toBe(0);
    expect(strict.requests.length).toBeGreaterThan(0);
    const everywhere = [ran.stdout, ran.stderr, readFileSync(log, "latin1"), ...filesIn(home).map((file) => readFileSync(file, "latin1"))];
    expect(everywhere.filter((text) => text.includes(KEY))).toEqual([]);
    expect(JSON.stringify(stranger.requests)).not.toContain(KEY);
    expect(ran.stderr).toMatch(/three/u);
  });

  it("46. exit 0 only with an answer on stdout", async () => {
    const broken = await kept(startFakeOpenAI({ models: ["one"], reply: { status: 401, body: { error: { message: "bad key" } } } }));
    const failed = await massgen(["--config", place.write("broken.yaml", councilYaml(broken.baseUrl, ["one"])), "Why?"], { home });
    expect(failed).toMatchObject({ code: 2, stdout: "" });
    const { baseUrl } = await kept(councilServer());
    const good = await massgen(["--config", place.write("good.yaml", councilYaml(baseUrl)), "Why?"], { home });
    expect(good).toMatchObject({ code: 0, stdout: "The final answer.\n" });
  });

  it("47. without a terminal the command never waits for input and always exits", { timeout: 20_000 }, async () => {
    const child = spawn(process.execPath, ["src/cli/main.ts"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MASSGEN_HOME: home },
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, complaint]).toEqual([64, expect.stringContaining("massgen")]);
  });

  it("what is kept is private to its user", () => {
    const open = filesIn(home).filter((file) => (statSync(file).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
