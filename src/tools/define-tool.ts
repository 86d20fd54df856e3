import * as z from "zod";
import type { Tool, ToolContext } from "./tool.ts";

/** A function that models may call. */
export interface ToolFunction<Input> {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** For models: what it does and when to use it. */
  readonly description?: string;
  /** It changes nothing anywhere, and so may be used while the council deliberates; by default only the presenter may. */
  readonly readOnly?: boolean;
  /** It may be used while the council deliberates although it changes something. */
  readonly allowed?: boolean;
  /** Text is the result as it is, anything else as JSON. What is thrown is told to the model. */
  execute(input: Input, context: ToolContext): unknown;
}

/** A tool of a function. By a zod schema its input is checked before it is called; a JSON schema is only shown to models. */
export function defineTool<Schema extends z.ZodObject>(tool: ToolFunction<z.output<Schema>> & { readonly inputSchema: Schema }): Tool;
export function defineTool(
  tool: ToolFunction<Readonly<Record<string, unknown>>> & { readonly inputSchema: Readonly<Record<string, unknown>> },
): Tool;
export function defineTool(tool: ToolFunction<never> & { readonly inputSchema: z.ZodObject | Readonly<Record<string, unknown>> }): Tool {
  const { inputSchema, ...rest } = tool;
  if (!(inputSchema instanceof z.ZodType)) return { ...rest, inputSchema };
  const { $schema: _, ...json } = z.toJSONSchema(inputSchema, { io: "input" });
  return { ...rest, inputSchema: json, execute: (input, context) => tool.execute(checked(inputSchema, input) as never, context) };
}

/** Throws a sentence for the model. */
function checked(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new Error(`its input is wrong: ${result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`);
}
