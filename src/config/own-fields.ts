import type * as z from "zod";
import { aiSdkFields } from "../models/backends/ai-sdk/ai-sdk-fields.ts";
import { backends } from "../models/backends/backends.ts";
import { claudeCodeFields } from "../models/backends/claude-code/claude-code-fields.ts";

/** Fields of a `backend:` section that one backend alone knows, by its type. */
const schemas: Readonly<Record<string, z.ZodObject>> = {
  ...Object.fromEntries(Object.entries(backends).map(([type, { fields }]) => [type, fields])),
  claude_code: claudeCodeFields,
  ai_sdk: aiSdkFields,
};

export const ownFieldSchemas: ReadonlyMap<string, z.ZodObject> = new Map(Object.entries(schemas));
