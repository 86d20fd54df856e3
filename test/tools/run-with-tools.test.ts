import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import { type FakeRequest, type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { ofType } from "../behaviours/council.ts";
import { eventsOf, massgen, workplace } from "../cli/massgen.ts";

const place = workplace();
afterAll(() => place.remove());
let model: FakeServer | undefined;
afterEach(() => model?.close());

const program = fileURLToPath(new URL("mcp-stdio.ts", import.meta.url));
const canary = "canary-8c1f6a2e9b";

/** The results that a request brings back to its model. */
const results = ({ body }: FakeRequest): readonly unknown[] =>
  body.messages.filter(({ role }) => role === "tool").map(({ content }) => content);

async function run(config: object, reply: (request: FakeRequest, index: number) => FakeReply, more: readonly string[] = []) {
  model = await startFakeOpenAI({ reply });
  const backend = { type: "chatcompletion", model: "fake", base_url: model.baseUrl, api_key: "key-of-the-model-77" };
  const text = JSON.stringify(config, (key, value: unknown) => (key === "backend" ? { ...backend, ...(value as object) } : value));
  const file = place.write("council.json", text);
  const ran = await massgen(["--config", file, "--json", ...more, "Why?"], { home: place.folder, environment: { SOME_API_KEY: canary } });
  return { ran, events: eventsOf(ran), requests: model.requests };
}

const server = (more: object = {}) => ({ name: "notes", command: process.execPath, args: [program], ...more });

describe("a council with an MCP server", () => {
  it("uses its tools in a draft, and what they gave in the answer", async () => {
    const { ran, events, requests } = await run({ agents: [{ id: "one", backend: {}, mcp_servers: [server()] }] }, (request) =>
      results(request).length > 0
        ? { text: `It said: ${String(results(request)[0])}` }
        : { toolCalls: [{ name: "echo", arguments: { text: "sky" } }] },
    );
    expect(ran.code).toBe(0);
    expect(requests[0]?.body.tools?.map((tool) => tool.function.name)).toContain("echo");
    expect(requests[0]?.body.tool_choice).toBe("auto");
    expect(ofType(events, "tool-requested")).toMatchObject([{ name: "echo", agent: "one", input: '{"text":"sky"}' }]);
    expect(ofType(events, "tool-settled")).toMatchObject([{ outcome: { type: "result", text: "echo: sky" } }]);
    expect(ofType(events, "run-ended")).toMatchObject([{ answer: "It said: echo: sky" }]);
  });
});
