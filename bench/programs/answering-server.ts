/** A fake engine for whole processes: every reply takes the milliseconds of the first parameter. Prints its address up to `/v1`. */
import { startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { ballotFor } from "../first-choice.ts";

const headersAfterMs = Number(process.argv[2]);

const { baseUrl } = await startFakeOpenAI({
  models: ["bench"],
  reply: ({ body }, index) => {
    const { schema } = body.response_format?.json_schema ?? {};
    if (schema === undefined) return { text: `Answer ${index}.`, headersAfterMs };
    const { choice } = (schema as { readonly properties: { readonly choice: { readonly enum: readonly string[] } } }).properties;
    return { text: ballotFor(choice.enum[0] ?? ""), headersAfterMs };
  },
});
process.stdout.write(`${baseUrl}\n`);
