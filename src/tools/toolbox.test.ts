import { describe, expect, it } from "vitest";
import type { Tool } from "./tool.ts";
import { agentTools, createToolbox, fittingTools } from "./toolbox.ts";

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: { type: "object" }, execute: () => "", ...more });
const namesOf = (tools: readonly Tool[], taken: readonly string[] = []) => [...createToolbox(tools, "one", taken).keys()];

describe("names of tools", () => {
  it.each<[string, readonly Tool[], readonly string[]]>([
    ["stay where they are their own", [tool("a"), tool("b", { source: "notes" })], ["a", "b"]],
    ["name their server where two are the same", [tool("a", { source: "x" }), tool("a", { source: "y" })], ["x__a", "y__a"]],
    ["also beside a function", [tool("a"), tool("a", { source: "x" })], ["a", "x__a"]],
    [
      "hold only what providers take",
      [tool("read file/é", { source: "x" }), tool("b".repeat(80), { source: "x" })],
      ["read_file__", "b".repeat(64)],
    ],
    ["are told apart where that makes them the same", [tool("a.b", { source: "x" }), tool("a/b", { source: "x" })], ["a_b", "a_b_2"]],
  ])("%s", (_, tools, names) => {
    expect(namesOf(tools)).toEqual(names);
  });

  it("make way for tools that the provider has itself", () => {
    expect(namesOf([tool("web_search", { source: "x" })], ["web_search"])).toEqual(["x__web_search"]);
    expect(() => namesOf([tool("web_search")], ["web_search"])).toThrow('Two tools of agent "one" are called "web_search".');
  });

  it("of functions must be usable", () => {
    expect(() => namesOf([tool("a"), tool("a")])).toThrow('Two tools of agent "one" are called "a".');
    expect(() => namesOf([tool("read file")])).toThrow('A tool of agent "one" is called "read file", which no provider takes.');
  });

  it("the same tool twice is one", () => {
    const same = tool("a");
    expect(namesOf([same, same])).toEqual(["a"]);
  });
});

it("the protocol is told what they are and what they cost to read", () => {
  const box = createToolbox([tool("read", { readOnly: true, description: "Reads a file." }), tool("save", { allowed: true })], "one");
  expect(agentTools(box)).toEqual([
    { name: "read", readOnly: true, tokens: expect.any(Number) },
    { name: "save", readOnly: false, allowed: true, tokens: expect.any(Number) },
  ]);
});

it("as many as fit into a third of a context are taken, the first before all others", () => {
  const large = tool("large", { description: "word ".repeat(400) });
  const tools = [tool("a"), large, tool("b")];
  expect(fittingTools(tools, 900).tools.map(({ name }) => name)).toEqual(["a"]);
  expect(fittingTools(tools).tools).toEqual(tools);
  expect(fittingTools(tools, 900).tokens).toBeGreaterThan(300);
  expect(fittingTools([tool("c")], 900, [tool("a"), large]).tools).toEqual([]);
});

it("however large a context is, what goes with every call is bounded", () => {
  const large = Array.from({ length: 200 }, (_, index) => tool(`t${index}`, { description: "word ".repeat(400) }));
  const { tools, tokens } = fittingTools(large, 1_000_000);
  expect(tokens).toBeGreaterThan(80_000);
  expect(tools.length).toBeGreaterThan(20);
  expect(tools.length).toBeLessThan(90);
});
