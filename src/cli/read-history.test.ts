import { describe, expect, test } from "vitest";
import { parseHistory, readHistory } from "./read-history.ts";

const turns = [
  { role: "user", text: "Hello" },
  { role: "assistant", text: "Hi" },
];

describe("a history", () => {
  test.each([
    ["role and content", '[{"role": "user", "content": "Hello"},\n {"role": "assistant", "content": "Hi"}]'],
    ["role and text", '[{"role": "user", "text": "Hello"}, {"role": "assistant", "text": "Hi"}]'],
    [
      "content in parts",
      '[{"role": "user", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}, {"role": "assistant", "content": "Hi"}]',
    ],
    ["question and answer", '[{"question": "Hello", "answer": "Hi"}]'],
    ["JSON lines", '{"role": "user", "content": "Hello"}\r\n\n{"role": "assistant", "content": "Hi"}\n'],
    ["JSON lines of pairs", '{"question": "Hello", "answer": "Hi"}'],
  ])("as %s", (_name, text) => {
    expect(parseHistory(text, "h.json")).toEqual(turns);
  });

  test("without turns is no history yet", () => {
    expect(parseHistory("[]", "h.json")).toEqual([]);
  });

  test.each([
    ["an empty file", "", "h.json:1: The file is empty."],
    ["no JSON", "[\n{]", /^h\.json:2: /u],
    ["no JSON in a line", '{"role": "user", "content": "Hello"}\nnonsense', /^h\.json:2: /u],
    [
      "another role",
      '[{"role": "user", "content": "a"},\n{"role": "system", "content": "b"}]',
      'h.json:2: The role "system" is not "user" or "assistant".',
    ],
    ["what is no JSON at all, quoted in short", "x".repeat(5_000_000), /^h\.json:1: This is not valid JSON: .{0,150}$/u],
    ["no turn", '["Hello"]', "h.json:1: This is no turn of a conversation."],
    ["no text", '[{"role": "user", "content": 7}]', "h.json:1: This turn has no text in content."],
  ])("%s is refused with file and line", (_name, text, message) => {
    expect(() => parseHistory(text, "h.json")).toThrow(message);
  });

  test("a file that is not there", async () => {
    await expect(readHistory("/no/such/history.json")).rejects.toMatchObject({
      code: "config",
      message: "There is no history file /no/such/history.json.",
    });
    await expect(readHistory(import.meta.dirname)).rejects.toThrow(`The history file ${import.meta.dirname} is a folder.`);
  });
});
