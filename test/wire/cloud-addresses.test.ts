import { afterEach, describe, expect, test } from "vitest";
import { buildCouncil } from "../../src/config/build-council.ts";
import type { BackendConfig } from "../../src/config/schema.ts";
import { createCouncil, createMemoryLog } from "../../src/library/index.ts";
import { startFakeGemini } from "../../src/testing/fake-gemini-server.ts";
import { startFakeMessages } from "../../src/testing/fake-messages-server.ts";
import { quietSurroundings } from "../quiet-surroundings.ts";
import { ask } from "./cloud.ts";

interface Server {
  readonly origin: string;
  readonly requests: readonly { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> }[];
  close(): Promise<void>;
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const CANARY = "canary-4f1d8a6c2b9e7035";

const clouds = {
  claude: { start: startFakeMessages, header: "x-api-key", variable: "ANTHROPIC_BASE_URL", root: "/v1", keys: ["ANTHROPIC_API_KEY"] },
  gemini: {
    start: startFakeGemini,
    header: "x-goog-api-key",
    variable: "GOOGLE_GEMINI_BASE_URL",
    root: "/v1beta",
    keys: ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
  },
};

async function started(
  type: keyof typeof clouds,
  reply = { text: "Hi" } as { text?: string; status?: number; body?: object },
): Promise<Server> {
  const server = await clouds[type].start({ reply });
  servers.push(server);
  return server;
}

async function built(backend: BackendConfig, environment: Readonly<Record<string, string>>) {
  return buildCouncil({ agents: [{ id: "one", backend }] }, quietSurroundings({ environment }), new AbortController().signal);
}

describe.each(["claude", "gemini"] as const)("%s", (type) => {
  const { header, variable, root, keys } = clouds[type];

  async function keySent(
    backend: (origin: string) => Partial<BackendConfig>,
    environment: (origin: string) => Readonly<Record<string, string>>,
  ) {
    const server = await started(type);
    const { seats, secrets } = await built({ type, ...backend(server.origin) }, environment(server.origin));
    const [seat] = seats;
    if (seat === undefined) throw new Error("nobody is seated");
    expect(await ask(seat.model)).toMatchObject({ type: "replied", text: "Hi" });
    return { key: server.requests[0]?.headers[header], secrets };
  }

  test.each(["", root, `${root}/`])(`${variable} ending in %j is where it is asked, with its key`, async (path) => {
    for (const name of keys) {
      const { key, secrets } = await keySent(
        () => ({}),
        (origin) => ({ [variable]: origin + path, [name]: CANARY }),
      );
      expect(key).toBe(CANARY);
      expect(secrets).toContain(CANARY);
    }
  });

  test.each(["", root])("base_url ending in %j gets api_key, and no key of another host", async (path) => {
    const [name = ""] = keys;
    const backend = (origin: string): Partial<BackendConfig> => ({ base_url: origin + path });
    expect(
      (
        await keySent(
          (origin) => ({ ...backend(origin), api_key: "own-key-0123456789" }),
          () => ({ [name]: CANARY }),
        )
      ).key,
    ).toBe("own-key-0123456789");
    expect((await keySent(backend, () => ({ [name]: CANARY }))).key ?? "").not.toContain("canary");
    expect(
      (await keySent(backend, (origin) => ({ [name]: CANARY, [variable]: `${origin.replace("127.0.0.1", "localhost")}9` }))).key ?? "",
    ).not.toContain("canary");
  });

  test("without a key nothing is asked: the variable is named", async () => {
    await expect(built({ type }, {})).rejects.toMatchObject({ code: "config", hint: expect.stringContaining(keys.join(" or ")) as string });
  });

  test("a server that repeats the key in its refusals and replies gets it into no event", async () => {
    const message = `Incorrect API key provided: ${CANARY}. It is ${CANARY}!`;
    const error =
      type === "claude"
        ? { type: "error", error: { type: "authentication_error", message } }
        : { error: { code: 401, message, status: "UNAUTHENTICATED" } };
    for (const reply of [{ status: 401, body: error }, { status: 500, body: error }, { text: `Your key is ${CANARY}, is it not?` }]) {
      const server = await started(type, reply);
      const { seats, secrets } = await built({ type }, { [variable]: server.origin, [keys[0] ?? ""]: CANARY });
      const log = createMemoryLog();
      const run = createCouncil({ seats: seats.map(({ model }) => ({ model })), log, secrets }).ask("Why?", { runId: "run" });
      const frames: unknown[] = [];
      for await (const frame of run) frames.push(frame);
      expect(frames.length).toBeGreaterThan(2);
      expect(
        JSON.stringify([log.read("run"), frames.filter((frame) => (frame as { type: string }).type === "event"), await run.result]),
      ).not.toContain(CANARY);
    }
  });
});
