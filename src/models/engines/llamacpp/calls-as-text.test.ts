import { expect, it } from "vitest";
import { callsAsText } from "./calls-as-text.ts";

const call = (name: string) => ({ id: `id of ${name}`, type: "function", function: { name, arguments: "{}" } });

it("makes of calls and results what was said, users and assistants in turn", () => {
  const messages = [
    { role: "user", content: "Why?" },
    { role: "assistant", content: null, tool_calls: [call("search"), call("search")] },
    { role: "tool", tool_call_id: "1", content: "There is no such tool." },
    { role: "tool", tool_call_id: "2", content: "There is no such tool." },
    { role: "assistant", content: "So be it.", tool_calls: [call("ask")] },
    { role: "tool", tool_call_id: "3", content: "No." },
  ];
  expect(callsAsText({ messages, stream: true })).toEqual({
    stream: true,
    messages: [
      messages[0],
      { role: "assistant", content: '{"name":"search","arguments":"{}"}\n{"name":"search","arguments":"{}"}' },
      { role: "user", content: "There is no such tool." },
      { role: "assistant", content: 'So be it.\n{"name":"ask","arguments":"{}"}' },
      { role: "user", content: "No." },
    ],
  });
});

it("leaves everything else as it is", () => {
  const body = { messages: [{ role: "user", content: "Why?" }] };
  expect(callsAsText(body)).toEqual(body);
});
