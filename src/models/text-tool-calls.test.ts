import { expect, test } from "vitest";
import { findOfferedCalls, findTextToolCalls } from "./text-tool-calls.ts";

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

const look = JSON.stringify({ name: "look", arguments: { for: "sky" } });

test.each<[string, string, string, number]>([
  ["between tags", `Let me see.\n<tool_call>\n${look}\n</tool_call>`, "Let me see.", 1],
  ["several", `<tool_call>${look}</tool_call><tool_call>${look}</tool_call>`, "", 2],
  ["without an end", `<tool_call>${look}`, "", 1],
  ["as the whole text", ` ${look}\n`, "", 1],
  ["with parameters", look.replace("arguments", "parameters"), "", 1],
  ["with arguments as text", JSON.stringify({ name: "look", arguments: '{"for":"sky"}' }), "", 1],
])("calls of offered tools that were written as text are made: %s", (_, text, rest, count) => {
  const found = findOfferedCalls(text, ["look"]);
  expect(found?.text).toBe(rest);
  expect(found?.toolCalls.map(({ name, input }) => `${name} ${input}`)).toEqual(Array(count).fill('look {"for":"sky"}'));
});

test.each([
  ["of tools that are not offered", look.replace("look", "other")],
  ["that are only spoken of", `Call it like this: ${look}`],
  ["of which one is none", `<tool_call>${look}</tool_call> <tool_call>{"a":1}</tool_call>`],
  ["without arguments", JSON.stringify({ name: "look", arguments: 7 })],
  ["cut in half", "<tool_call>" + look.slice(0, 20)],
  ["in endless texts", look + " ".repeat(70_000)],
])("calls %s are text", (_, text) => {
  expect(findOfferedCalls(text, ["look"])).toBeUndefined();
});
