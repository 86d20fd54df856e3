import * as z from "zod";
import { parseDuration } from "./duration.ts";

/** What is said of a field; `usual` words its default where that is no value. */
export const about = (description: string, more: { readonly usual?: string } = {}) => ({ description, ...more });

/** Numbers may stand in quotes: that is what `${VARIABLE}` makes of them. */
export function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value),
    schema,
  );
}

const booleanWords: Readonly<Record<string, boolean>> = { yes: true, on: true, true: true, no: false, off: false, false: false };

/** YAML 1.1 took `yes` and `on` for booleans; people still write them. */
export const flag = z.preprocess(
  (value) => (typeof value === "string" ? (booleanWords[value.toLowerCase()] ?? value) : value),
  z.boolean(),
);

export const positive = numeric(z.number().int().positive());

/** In milliseconds. */
export const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: "must be a time above zero: seconds, or text such as 90s, 10m, 1h" });
  return z.NEVER;
});
