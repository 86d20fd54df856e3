import { expect, test } from "vitest";
import { createActivities } from "./activities.ts";

test("a search of the provider's is activity, its result too, and no call to us", () => {
  const activities = createActivities();
  expect(activities.take({ type: "tool-input-start", id: "1", toolName: "web_search", providerExecuted: true })).toEqual({ type: "quiet" });
  expect(activities.take({ type: "tool-input-delta", id: "1", delta: "{" })).toEqual({ type: "quiet" });
  expect(
    activities.take({ type: "tool-call", toolCallId: "1", toolName: "web_search", input: '{"query":"sky"}', providerExecuted: true }),
  ).toEqual({ type: "activity", tool: "web_search", input: '{"query":"sky"}' });
  activities.take({ type: "tool-result", toolCallId: "1", toolName: "web_search", result: [{ url: "https://a.example" }] });
  expect(activities.collected()).toEqual({
    activity: [{ tool: "web_search", input: '{"query":"sky"}', output: '[{"url":"https://a.example"}]' }],
  });
});

test.each([
  ["", { action: { type: "search", query: "sky" }, sources: [] }, '{"query":"sky"}'],
  ["", { action: { type: "openPage", url: "https://a.example" } }, '{"type":"openPage","url":"https://a.example"}'],
  ["{}", { code: "1 + 1" }, '{"code":"1 + 1"}'],
])("what a tool was given may be told with what it found", (input, result, told) => {
  const activities = createActivities();
  activities.take({ type: "tool-call", toolCallId: "1", toolName: "own", input, providerExecuted: true });
  expect(activities.take({ type: "tool-result", toolCallId: "1", toolName: "own", result })).toEqual({
    type: "activity",
    tool: "own",
    input: told,
  });
  expect(activities.collected().activity).toMatchObject([{ input: told }]);
});

test("a call to a tool of ours is left to the reading", () => {
  const activities = createActivities();
  expect(activities.take({ type: "tool-input-start", id: "1", toolName: "ballot" })).toBeUndefined();
  expect(activities.take({ type: "tool-input-delta", id: "1", delta: "{" })).toBeUndefined();
  expect(activities.take({ type: "tool-call", toolCallId: "1", toolName: "ballot", input: "{}" })).toBeUndefined();
  expect(activities.collected()).toEqual({});
});

test("sources are told once, with what is known of each; those without a name are none", () => {
  const activities = createActivities();
  activities.take({ type: "source", sourceType: "url", id: "1", url: "https://a.example" });
  activities.take({ type: "source", sourceType: "url", id: "2", url: "https://a.example", title: "A" });
  activities.take({ type: "source", sourceType: "document", id: "3", mediaType: "text/plain", title: "Notes" });
  activities.take({ type: "source", sourceType: "document", id: "4", mediaType: "text/plain", title: "" });
  for (let n = 0; n < 200; n++) activities.take({ type: "source", sourceType: "url", id: `n${n}`, url: `https://b.example/${n}` });
  const { sources = [] } = activities.collected();
  expect(sources.slice(0, 2)).toEqual([{ url: "https://a.example", title: "A" }, { title: "Notes" }]);
  expect(sources).toHaveLength(100);
});

test("a result without its call, a failure and megabytes are kept as far as they go", () => {
  const activities = createActivities();
  activities.take({ type: "tool-result", toolCallId: "9", toolName: "code", result: "x".repeat(100_000), isError: true });
  const [only] = activities.collected().activity ?? [];
  expect(only).toMatchObject({ tool: "code", input: "{}", failed: true });
  expect(only?.output).toHaveLength(8_000);
});
