import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FakeResponses, startFakeResponses } from "../../src/testing/index.ts";
import { massgen } from "./massgen.ts";

// Processes take their time to start where several start at once, and an engine that is late is not waited for.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const command = join(import.meta.dirname, "../../src/testing/fake-engine-command.ts");
const kinds = ["lmstudio", "ollama", "vllm", "llamacpp", "sglang"] as const;
const children: ChildProcess[] = [];
const origins = new Map<string, string>();
const CANARY = "What do canaries sing about at 3 in the morning?";
let home = "";

async function start(kind: string): Promise<void> {
  const child = spawn(process.execPath, [command, kind, "--port", "0", "--model", `${kind}/qwen3-4b`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as readonly unknown[];
  origins.set(kind, /http:\/\/127\.0\.0\.1:\d+/u.exec(String(line))?.[0] ?? "");
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "massgen-first-"));
  await Promise.all(kinds.map(start));
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(home, { recursive: true });
});

const only = (...there: readonly string[]): Readonly<Record<string, string>> => ({
  MASSGEN_ENGINES: there.map((kind) => origins.get(kind) ?? "").join(","),
});

describe("somebody who just types a question", { retry: 2 }, () => {
  test.each(["lmstudio", "ollama", "vllm", "llamacpp", "sglang"])(
    "with %s alone gets a council on it, and is told so in one line",
    async (kind) => {
      const { code, stdout, stderr } = await massgen([CANARY], { home, environment: only(kind) });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stdout).toContain("qwen3-4b");
      expect(stderr.split("\n").filter((line) => line.startsWith("3 agents on "))).toEqual([
        expect.stringContaining(origins.get(kind) ?? ""),
      ]);
      expect(stderr).toMatch(/^Answer [ABC] by agent1, agent2 and agent3 /mu);
    },
  );

  test("with all of them gets a council of the models in memory", async () => {
    const { code, stderr } = await massgen([CANARY], { home, environment: only(...kinds) });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^3 agents on .*: all in memory on this machine$/mu);
  });

  test("with none of them gets the embedded engine, and --dry-run shows what would be fetched", async () => {
    const { code, stdout, stderr } = await massgen(["--dry-run", CANARY], { home, environment: only() });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^agent1 {2}embedded\/.*SmolLM2-135M-Instruct/mu);
    expect(stderr).toContain("To be fetched first: SmolLM2-135M-Instruct (98 MB).");
  });

  test("is shown who would be asked by --dry-run, and nobody is asked", async () => {
    const { code, stdout } = await massgen(["--dry-run", "--json", CANARY], { home, environment: only("ollama") });
    expect(code).toBe(0);
    const { agents } = JSON.parse(stdout) as { agents: readonly unknown[] };
    expect(agents).toHaveLength(3);
    expect(agents[0]).toEqual({ id: "agent1", type: "ollama", model: expect.stringContaining("qwen3-4b"), address: origins.get("ollama") });
  });
});

describe("a key of a cloud in the environment", { retry: 2 }, () => {
  let cloud: FakeResponses;
  beforeAll(async () => {
    cloud = await startFakeResponses({
      reply: ({ body }) =>
        body.text?.format === undefined ? { text: "The answer of the cloud." } : { text: '{"reason":"it is fine","choice":"A"}' },
    });
  });
  afterAll(() => cloud.close());

  const withKey = () => ({ ...only("ollama"), OPENAI_API_KEY: "sk-canary-0123456789", OPENAI_BASE_URL: cloud.baseUrl });

  test("is named and not used: the cloud sees no byte of the question", async () => {
    const { code, stdout, stderr } = await massgen([CANARY], { home, environment: withKey() });
    expect(code).toBe(0);
    expect(stderr).toContain("OPENAI_API_KEY is set but not used: --cloud uses what it can this once, massgen allow cloud always");
    expect(cloud.requests).toEqual([]);
    expect(stdout + stderr).not.toContain("sk-canary");
  });

  test("is used with --cloud, by its own host alone", async () => {
    const { code, stdout, stderr } = await massgen(["--cloud", CANARY], { home, environment: withKey() });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("; and gpt-5-mini at ");
    expect(cloud.requests.length).toBeGreaterThan(0);
    expect(new Set(cloud.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer sk-canary-0123456789"]));
    expect(stdout + stderr).not.toContain("sk-canary");
  });

  test("is used after a saved yes, and no longer once that is taken back", async () => {
    await massgen(["allow", "cloud"], { home });
    const before = cloud.requests.length;
    await massgen([CANARY], { home, environment: withKey() });
    const during = cloud.requests.length;
    await massgen(["allow", "local"], { home });
    await massgen([CANARY], { home, environment: withKey() });
    expect([during > before, cloud.requests.length === during]).toEqual([true, true]);
  });
});
