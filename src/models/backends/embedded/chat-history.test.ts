import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { chatHistory } from "./chat-history.ts";

const user = (text: string): LanguageModelV4Prompt[number] => ({ role: "user", content: [{ type: "text", text }] });

describe("the engine's chat history", () => {
  it("ends with the model's open turn", () => {
    const prompt: LanguageModelV4Prompt = [
      { role: "system", content: "Be brief." },
      user("One?"),
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "Yes." },
        ],
      },
      user("Two?"),
    ];
    expect(chatHistory(prompt)).toEqual([
      { type: "system", text: "Be brief." },
      { type: "user", text: "One?" },
      { type: "model", response: ["Yes."] },
      { type: "user", text: "Two?" },
      { type: "model", response: [] },
    ]);
  });

  it("puts the result of a tool into the turn of its call, which then goes on", () => {
    const call = { type: "tool-call", toolCallId: "1", toolName: "vote", input: { choice: "A" } } as const;
    const output = { type: "json", value: { counted: true } } as const;
    const prompt: LanguageModelV4Prompt = [
      user("Vote."),
      { role: "assistant", content: [{ type: "text", text: "Well." }, call] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "1", toolName: "vote", output }] },
    ];
    expect(chatHistory(prompt).at(-1)).toEqual({
      type: "model",
      response: ["Well.", { type: "functionCall", name: "vote", params: { choice: "A" }, result: { counted: true } }],
    });
  });

  it.each([
    [{ type: "execution-denied" } as const, "The call was not allowed."],
    [{ type: "error-text", value: "boom" } as const, "boom"],
    [
      {
        type: "content",
        value: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      } as const,
      "one\ntwo",
    ],
  ])("reads a result of the kind %o", (output, result) => {
    const history = chatHistory([
      user("Vote."),
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "1", toolName: "vote", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "1", toolName: "vote", output: structuredClone(output) as never }] },
    ]);
    expect(history.at(-1)).toMatchObject({ response: [{ result }] });
  });

  it("refuses what the engine cannot read", () => {
    const image = { type: "file", mediaType: "image/png", data: { type: "data", data: "" } } as const;
    expect(() => chatHistory([{ role: "user", content: [image] }])).toThrow("file in a prompt of the embedded engine");
  });
});
