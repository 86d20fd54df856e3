import { expect, test } from "vitest";
import { conversationText } from "./conversation-text.ts";

const user = (text: string) => ({ role: "user" as const, content: [{ type: "text" as const, text }] });

test("one message is the text itself; what it is told beforehand stays apart", () => {
  expect(conversationText([{ role: "system", content: "Be brief." }, user("Hello")])).toEqual({ system: "Be brief.", text: "Hello" });
  expect(conversationText([])).toEqual({ system: "", text: "" });
});

test("what was said before stands between tags, results of tools too, and the last message as it is", () => {
  const { text } = conversationText([
    user("A or B?"),
    {
      role: "assistant",
      content: [
        { type: "text", text: "Both." },
        { type: "tool-call", toolCallId: "1", toolName: "ballot", input: {} },
      ],
    },
    {
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: "1", toolName: "ballot", output: { type: "text", value: "One only." } },
        { type: "tool-result", toolCallId: "2", toolName: "ballot", output: { type: "json", value: { a: 1 } } },
      ],
    },
    user("Again."),
  ]);
  expect(text).toContain("<user>\nA or B?\n</user>\n<assistant>\nBoth.\n</assistant>\n<user>\nOne only.\n");
  expect(text.endsWith("</conversation>\n\nAgain.")).toBe(true);
});

test("a question that begins with a slash is no command to the program", () => {
  expect(conversationText([user("/clear the table")]).text).toBe("\n/clear the table");
});
