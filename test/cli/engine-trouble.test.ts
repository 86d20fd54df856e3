import type { RequestListener } from "node:http";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type ServedKind, servedEngines, servedKinds } from "../../src/models/engines/served-engines.ts";
import type { FakeEngine, FakeEngineOptions, FakeReply } from "../../src/testing/index.ts";
import { fakeEngines } from "../engines/fake-engines.ts";
import { oddServer, passOn } from "../engines/one-call.ts";
import { massgen, type Ran, workplace } from "./massgen.ts";

const place = workplace();
afterAll(() => place.remove());
const fakes: { close(): unknown }[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

async function start(kind: ServedKind, options: FakeEngineOptions): Promise<FakeEngine> {
  const fake = await fakeEngines[kind]({ models: [{ id: "qwen3-8b", loaded: true }], ...options });
  fakes.push(fake);
  return fake;
}

async function serve(answer: RequestListener): Promise<string> {
  const server = await oddServer(answer);
  fakes.push(server);
  return server.origin;
}

function ask(kind: ServedKind, origin: string, model = "qwen3-8b", more: readonly string[] = []): Promise<Ran> {
  return massgen(["--backend", kind, "--base-url", origin, "--model", model, ...more, "Why is the sky blue?"], { home: place.folder });
}

const nested = (message: string, type = "BadRequestError") => ({ error: { message, type, param: null, code: 400 } });
const flat = (message: string) => ({ object: "error", message, type: "BadRequestError", param: null, code: 400 });
const ollama = (error: string) => ({ error });
const tooLong = { status: 400 };

/** What each engine says in its own words, and what of the remedy must be in the sentence. */
const trouble: Readonly<Record<ServedKind, Readonly<Record<string, readonly [FakeReply, string]>>>> = {
  lmstudio: {
    "the model unknown": [{ status: 400, body: nested("No models loaded. Please load a model in the developer page.") }, "lms get"],
    "the context exceeded": [
      {
        ...tooLong,
        body: {
          error: "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096).",
        },
      },
      "context_length",
    ],
    "out of memory": [
      { status: 400, body: { error: "Model loading was stopped due to insufficient system resources." } },
      "smaller model or context_length",
    ],
    "tools unsupported": [{ status: 400, body: { error: "This model does not support tools" } }, "schema or text"],
  },
  llamacpp: {
    "the model unknown": [
      { status: 404, body: { error: { code: 404, message: "File Not Found", type: "not_found_error" } } },
      "massgen doctor",
    ],
    "the context exceeded": [
      {
        ...tooLong,
        body: {
          error: {
            code: 400,
            message: "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
            type: "exceed_context_size_error",
            n_prompt_tokens: 5000,
            n_ctx: 4096,
          },
        },
      },
      "--ctx-size",
    ],
    "out of memory": [{ status: 500, body: { error: { code: 500, message: "Compute error.", type: "server_error" } } }, "--parallel"],
    "tools unsupported": [{ status: 500, body: { error: { code: 500, message: "tools param requires --jinja flag" } } }, "--jinja"],
  },
  ollama: {
    "the model unknown": [{ status: 404, body: ollama("model 'x' not found") }, "ollama pull qwen3-8b"],
    "the context exceeded": [{ ...tooLong, body: ollama("the input length exceeds the context length") }, "context_length"],
    "out of memory": [
      { status: 500, body: ollama("model runner has unexpectedly stopped, this may be due to resource limitations or an internal error") },
      "ollama stop",
    ],
    "tools unsupported": [
      { status: 400, body: ollama("registry.ollama.ai/library/x:latest does not support tools") },
      "take a model with tools",
    ],
  },
  vllm: {
    "the model unknown": [{ status: 404, body: nested("The model `x` does not exist. Valid aliases: smollm2.") }, "massgen doctor"],
    "the context exceeded": [
      { ...tooLong, body: nested("This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097") },
      "--max-model-len",
    ],
    "out of memory": [{ status: 500, body: nested("CUDA out of memory. Tried to allocate 2 GiB") }, "--gpu-memory-utilization"],
    "tools unsupported": [
      { status: 400, body: nested('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set') },
      "--enable-auto-tool-choice",
    ],
  },
  sglang: {
    "the model unknown": [{ status: 404, body: { detail: "Not Found" } }, "massgen doctor"],
    "the context exceeded": [
      { ...tooLong, body: flat("The input (40000 tokens) is longer than the model's context length (32768 tokens).") },
      "--context-length",
    ],
    "out of memory": [{ status: 500, body: flat("Internal server error: CUDA out of memory.") }, "--mem-fraction-static"],
    "tools unsupported": [{ status: 400, body: flat("Tool calls are off: --tool-call-parser is not set") }, "--tool-call-parser"],
  },
};

/** What looks the same with every engine. */
const common: Readonly<Record<string, readonly [FakeReply, string]>> = {
  "an empty answer": [{ text: "" }, "try another model"],
  "a stream that is cut": [{ text: "a b c d e f g h", cutAfterBytes: 120 }, "if"],
  "a web page of a proxy": [
    { status: 502, body: "<html><head><title>502 Bad Gateway</title></head></html>", headers: { "content-type": "text/html" } },
    "base_url",
  ],
  "a web page with a good status": [
    { body: "<!doctype html><html><title>Log in</title></html>", headers: { "content-type": "text/html" } },
    "base URL",
  ],
};

describe.each(servedKinds)("bad input with %s: one sentence with engine, address and remedy", (kind) => {
  const { title, start: command } = servedEngines[kind];

  test.each(Object.entries({ ...trouble[kind], ...common }))("%s", async (_what, [reply, remedy]) => {
    const fake = await start(kind, { reply });
    const ran = await ask(kind, fake.origin);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    const [sentence = ran.stderr] = /No agent gave an answer: .*/u.exec(ran.stderr) ?? [];
    expect(sentence).toContain(`${title} at ${fake.origin}`);
    expect(sentence).toContain(remedy);
  });

  test("it does not run", async () => {
    const fake = await start(kind, {});
    await fake.close();
    const ran = await ask(kind, fake.origin);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(fake.origin);
    expect(ran.stderr).toContain(`${title}: ${command}`);
  });

  test("a wrong token", async () => {
    const fake = await start(kind, { apiKey: "the-right-key-of-it" });
    const ran = await ask(kind, fake.origin);
    if (kind === "ollama") return expect(ran.code).toBe(0);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(`${title} at ${fake.origin} does not accept the API key.`);
    expect(ran.stderr).toContain("api_key");
  });

  test("something else has the port", async () => {
    const origin = await serve((_, response) => response.end("<!doctype html><html><title>My router</title></html>"));
    const ran = await ask(kind, origin);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(`${title} at ${origin} is not there: a web page titled "My router" answers at that address.`);
    expect(ran.stderr).toContain("base_url");
  });

  test("another engine has the port", async () => {
    const other = kind === "ollama" ? "vllm" : "ollama";
    const fake = await start(other, {});
    const ran = await ask(kind, fake.origin);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(`${title} at ${fake.origin} is not there: ${servedEngines[other].title} answers at that address.`);
    expect(ran.stderr).toContain(`type: ${other}`);
  });

  test("a model by nearly the right name: the nearest is named", async () => {
    const fake = await start(kind, { models: ["qwen3-8b", "gemma3-4b"].map((id) => ({ id, loaded: id === "qwen3-8b" })) });
    const { stderr } = await ask(kind, fake.origin, "qwen3-8c");
    // A server with one model answers with it whatever the name.
    if (kind === "sglang") return expect(stderr).not.toContain("does not have");
    expect(stderr).toContain(`${title} at ${fake.origin} does not have the model "qwen3-8c"`);
    expect(stderr).toContain("qwen3-8b");
  });
});

test.each([
  ["llamacpp", 503, { error: { message: "Loading model", type: "unavailable_error", code: 503 } }],
  ["sglang", 503, ""],
] as const)("%s that is still loading is said to be, and waited for", async (kind, status, body) => {
  const fake = await start(kind, { contextTokens: 4_096 });
  let asked = 0;
  const origin = await serve((request, response) => {
    asked += 1;
    if (asked <= 8) {
      response.writeHead(status).end(body === "" ? "" : JSON.stringify(body));
      return;
    }
    void passOn(request, response, { origin: fake.origin });
  });
  const ran = await ask(kind, origin);
  expect(ran.stderr).toContain(`${servedEngines[kind].title} at ${origin} is still loading its model`);
  expect(ran.code === 0 ? "" : ran.stderr).toBe("");
});
