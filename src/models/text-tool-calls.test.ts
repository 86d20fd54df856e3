import { expect, test } from "vitest";
import { findTextToolCalls } from "./text-tool-calls.ts";

const ballot = { reason: "r", choice: "Heron" };
const call = JSON.stringify({ name: "ballot", arguments: ballot });

test.each<[string, string]>([
  ["<tool_call>", `Let me see.\n<tool_call>\n${call}\n</tool_call>`],
  ["<tool_call> unclosed", `<tool_call>${call}`],
  ["<tools>", `<tools>${call}</tools>`],
  ["<function-call>", `<function-call>${call}</function-call>`],
  ["<function=…>", "<function=ballot><parameter=reason>r</parameter><parameter=choice>\nHeron\n</parameter></function>"],
  ["<function=…> with JSON", `<function=ballot>${JSON.stringify(ballot)}</function>`],
  ["[TOOL_REQUEST]", `[TOOL_REQUEST]${call}[END_TOOL_REQUEST]`],
  ["[TOOL_CALLS]", `[TOOL_CALLS][${call}]`],
  ["a fence", `Here:\n\`\`\`json\n${call}\n\`\`\``],
  ["bare", call],
  ["bare with `function`", JSON.stringify({ function: "ballot", arguments: ballot })],
  ["bare with `parameters`", JSON.stringify({ name: "ballot", parameters: ballot })],
  ["wrapped", JSON.stringify({ type: "function", function: { name: "ballot", arguments: JSON.stringify(ballot) } })],
])("%s", (_name, text) => {
  expect(findTextToolCalls(text)).toEqual([{ id: "text-call-1", name: "ballot", input: JSON.stringify(ballot) }]);
});

test("several calls are all found", () => {
  expect(findTextToolCalls(`<tool_call>${call}</tool_call><tool_call>${call}</tool_call>`).map(({ id }) => id)).toEqual([
    "text-call-1",
    "text-call-2",
  ]);
  expect(findTextToolCalls(`<tool_call>${call}\n${call}</tool_call>`)).toHaveLength(2);
});

test.each([
  ["a tool nobody offered", JSON.stringify({ name: "delete", arguments: {} })],
  ["arguments that are no object", JSON.stringify({ name: "ballot", arguments: ["Heron"] })],
  ["half a call", call.slice(0, -8)],
  ["prose", "I vote for Heron because ballot."],
  ["the ballot itself", JSON.stringify(ballot)],
  ["an endless text", `${" ".repeat(70_000)}${call}`],
])("%s is no call", (_name, text) => {
  expect(findTextToolCalls(text)).toEqual([]);
});
