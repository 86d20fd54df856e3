import { publishedSchema } from "../../config/published-schema.ts";
import type { Session } from "../session.ts";

/** Prints the JSON Schema of config files, for editors and other programs. */
export async function printSchema({ io }: Session): Promise<number> {
  io.stdout.write(publishedSchema());
  await io.stdout.flushed();
  return 0;
}
