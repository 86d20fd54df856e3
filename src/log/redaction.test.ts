import { describe, expect, it } from "vitest";
import type { Fact } from "../core/facts.ts";
import { exampleRunStarted } from "../testing/event-log-contract.ts";
import { createMemoryLog } from "./memory-log.ts";
import { createRedactor, redactText, withRedaction } from "./redaction.ts";

const usage = { inputTokens: 1, outputTokens: 1, estimated: false };

const answer = (text: string): Fact => ({
  type: "call-settled",
  callId: "c1",
  outcome: { type: "replied", text, toolCalls: [{ id: "t", name: "n", input: JSON.stringify({ text }) }], finish: "stop", usage },
});

const notice = (text: string): Fact => ({ type: "notice", level: "info", text });

const failed = (message: string): Fact => ({
  type: "call-settled",
  callId: "c1",
  outcome: { type: "failed", failure: { kind: "auth", message, retryable: false }, text: message, usage },
});

describe("a configured secret", () => {
  const secret = `pa$$"w/rd+(1)\\`;
  const redact = createRedactor(["EMPTY", secret, "another-secret-1"]);

  it.each([
    ["as it is", secret],
    ["in a URL", encodeURIComponent(secret)],
    ["in JSON text", JSON.stringify(secret).slice(1, -1)],
    ["another one", "another-secret-1"],
  ])("is taken out: %s", (_, form) => {
    expect(redact(notice(`say ${form} twice ${form}`))).toEqual(notice("say [secret] twice [secret]"));
  });

  it("is taken out of the JSON text of a tool call", () => {
    expect(redact(answer(secret))).toEqual(answer("[secret]"));
  });

  it.each(["u:", "user:", "token:", "Bearer "])("is taken out in base64 behind %j", (before) => {
    const text = Buffer.from(`${before}${secret}`).toString("base64");
    const hidden = redactText(text, [secret]);
    expect(hidden).toContain("[secret]");
    const [head = "", tail = ""] = hidden.split("[secret]");
    for (const rest of [head, tail]) expect(Buffer.from(rest, "base64").toString()).not.toMatch(secret.slice(1, 4));
    expect(head.length + tail.length).toBeLessThan(before.length * 2 + 6);
  });

  it("is taken out in base64, whatever follows it", () => {
    for (const tail of ["", ":", "::", ":::"]) {
      const text = Buffer.from(secret + tail).toString("base64");
      expect(JSON.stringify(redact(answer(`<${text}`)))).toContain("<[secret]");
    }
  });

  it("is taken out of every text, at any depth, and names stay", () => {
    const started = exampleRunStarted("one", `q ${secret}`);
    const fact = {
      ...started,
      history: [{ role: "user", text: secret }],
      setup: { [secret]: [{ deep: secret }], number: 1, none: null },
    } as const;
    expect(redact(fact)).toEqual({
      ...started,
      question: "q [secret]",
      history: [{ role: "user", text: "[secret]" }],
      setup: { [secret]: [{ deep: "[secret]" }], number: 1, none: null },
    });
  });

  it("is the longest that fits where one holds another", () => {
    expect(redactText("a 12345678-abc b", ["12345678", "12345678-abc"])).toBe("a [secret] b");
  });

  it("is known without the line end it was read with", () => {
    expect(redactText("a 12345678-abc b", ["12345678-abc\n"])).toBe("a [secret] b");
  });

  it.each(["lm-studio", "LM-Studio", "EMPTY", "none", "ollama", "not-needed", "sk-no-key-required", "1234567", "consensus", "", "  "])(
    "is not %j",
    (placeholder) => {
      const text = `x ${placeholder} y`;
      expect(createRedactor([placeholder])(answer(text))).toEqual(answer(text));
    },
  );

  it("costs nothing where there is none: the same fact comes back", () => {
    for (const fact of [answer("sk-abcdefgh12345678 stays in an answer"), exampleRunStarted("one"), failed("no key here")]) {
      expect(redact(fact)).toBe(fact);
    }
  });

  it("is kept out of the log, and of what append gives back", () => {
    const log = withRedaction(createMemoryLog(), [secret]);
    const added = log.append("one", [{ fact: exampleRunStarted("one", secret) }, { fact: answer(secret), cause: 1 }], 1000);
    expect(JSON.stringify(added)).toContain("[secret]");
    expect(added).toEqual(log.read("one"));
    expect(log.read("one", 1)).toMatchObject([{ seq: 2, cause: 1 }]);
    expect(log.list()).toMatchObject([{ question: "[secret]" }]);
    const owner = { pid: 1, started: "a" };
    expect(log.claim("one", owner, () => true)).toBeUndefined();
    expect(log.claim("one", { pid: 2, started: "b" }, () => true)).toEqual(owner);
    log.release("one", owner);
    expect(log.list()[0]).not.toHaveProperty("owner");
    log.close();
  });
});

describe("what looks like a key", () => {
  it.each([
    ["Incorrect API key provided: sk-proj-abc_DEF-12345678.", "Incorrect API key provided: [secret]."],
    ["key sk-ant-api03-abcdefgh, key sk-or-v1-0123456789", "key [secret], key [secret]"],
    ["AIzaSyA-0123456789abcdefghijklmnopqrstu!", "[secret]!"],
    ["xai-0123456789abcdef0123 gsk_0123456789abcdef0123 hf_0123456789abcdefABCD", "[secret] [secret] [secret]"],
    ["ghp_0123456789abcdefABCD github_pat_0123456789abcdef_ABCD AKIAIOSFODNN7EXAMPLE", "[secret] [secret] [secret]"],
    ["Authorization: Bearer abc.def-123", "Authorization: Bearer [secret]"],
    [`{"authorization":"Basic dXNlcjpwYXNzd29yZA=="}`, `{"authorization":"Basic [secret]"}`],
    ["api_key=topsecret&x=1", "api_key=[secret]&x=1"],
    [`{"api_key": "topsecret", "apiKey":"topsecret"}`, `{"api_key": "[secret]", "apiKey":"[secret]"}`],
    [String.raw`{\"api_key\":\"topsecret\"}`, String.raw`{\"api_key\":\"[secret]\"}`],
    ["x-api-key: topsecret", "x-api-key: [secret]"],
    ["GET https://host/v1/models?key=abc123&alt=sse", "GET https://host/v1/models?key=[secret]&alt=sse"],
    ["cannot reach http://ada:pass%20word@proxy:8080/", "cannot reach http://[secret]@proxy:8080/"],
    ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln is old", "token [secret] is old"],
  ])("goes from an error text: %s", (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(expected)).toBe(expected);
  });

  it.each([
    "Bearer authentication required",
    "Basic authentication failed",
    "risk-management and task-force12345678",
    "max_tokens: 4096 exceeds context",
    "The api_key option is missing.",
    "http://localhost:1234/v1 does not answer",
    "see https://example.com/@user and ada@example.com",
  ])("is not: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  const key = "sk-abcdefgh12345678";
  const loss = { agent: "ada", why: key, failure: { kind: "auth", message: key, retryable: false } } as const;
  const ended: Fact = {
    type: "run-ended",
    outcome: "failed",
    answer: null,
    truncated: false,
    winner: null,
    presenter: null,
    tally: null,
    degraded: { lost: [loss], of: 1 },
    usage,
    elapsedMs: 1,
    calls: 1,
  };

  it.each<Fact>([
    { type: "agent-out", ...loss },
    { type: "agent-abstained", agent: "ada", from: "ballot", callId: "c", why: key },
    { type: "notice", level: "warning", text: key },
    ended,
  ])("goes from the errors in $type", (fact) => {
    expect(JSON.stringify(createRedactor([])(fact))).not.toContain(key);
  });

  it("goes from the message of a failure and stays in the text that had arrived", () => {
    expect(createRedactor([])(failed(key))).toEqual({
      ...failed(key),
      outcome: { type: "failed", failure: { kind: "auth", message: "[secret]", retryable: false }, text: key, usage },
    });
  });

  it("stays in answers, questions and reasons", () => {
    const facts: readonly Fact[] = [
      answer(`use api_key=${key}`),
      exampleRunStarted("one", key),
      { ...ended, answer: key, degraded: null },
      { type: "vote-cast", callId: "c", agent: "ada", choice: { label: "A", version: 1 }, snapshot: [], reason: key },
    ];
    for (const fact of facts) expect(createRedactor([])(fact)).toBe(fact);
  });
});

describe("time", () => {
  const size = 1_000_000;
  it.each([
    "sk-",
    "eyJ",
    "eyJa.",
    "a",
    "-",
    "://",
    "bearer ",
    "bearer aaaaaaaaaaaa",
    "api_key",
    `api_key" `,
    "password=\\",
    "?key=",
    "://a:b",
    "12345678",
  ])("grows with the text alone: %j again and again", (part) => {
    const text = part.repeat(size / part.length);
    const started = performance.now();
    redactText(text, ["12345678-1", "12345678-2", "a-secret-of-mine"]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
