import { expect, it } from "vitest";
import * as z from "zod";
import { defineTool } from "./define-tool.ts";

const context = { signal: new AbortController().signal };

it("a zod schema is shown to models as JSON, and the input is what it makes of it", () => {
  const tool = defineTool({
    name: "add",
    description: "Adds.",
    readOnly: true,
    inputSchema: z.object({ one: z.number(), other: z.number().default(1) }),
    execute: ({ one, other }) => one + other,
  });
  expect(tool).toMatchObject({
    name: "add",
    description: "Adds.",
    readOnly: true,
    inputSchema: { type: "object", properties: { one: { type: "number" } }, required: ["one"] },
  });
  expect(tool.execute({ one: 2 }, context)).toBe(3);
  expect(() => tool.execute({ one: "2" }, context)).toThrow(/^its input is wrong: one: /u);
});

it("a JSON schema is shown as it is, and the input comes as it is", () => {
  const inputSchema = { type: "object", properties: {} };
  const tool = defineTool({ name: "any", inputSchema, execute: (input) => input });
  expect(tool.inputSchema).toBe(inputSchema);
  expect(tool.execute({ whatever: 1 }, context)).toEqual({ whatever: 1 });
});
