/** An agent that looks something up before it answers: `node examples/with-tools.ts http://127.0.0.1:8080/v1 MODEL` */
import { createChatCompletion, createCouncil, defineTool } from "massgen";
import * as z from "zod";

const stock: Readonly<Record<string, number>> = { apples: 12, pears: 0 };

const inStock = defineTool({
  name: "in_stock",
  description: "How many of an article are in stock.",
  inputSchema: z.object({ article: z.string() }),
  readOnly: true,
  execute({ article }) {
    const count = stock[article];
    if (count === undefined) throw new Error(`there is no article ${article}; there are ${Object.keys(stock).join(", ")}`);
    return { article, count };
  },
});

export async function askWithTools(baseUrl: string, model: string, question: string): Promise<string> {
  const council = createCouncil({ seats: [{ model: createChatCompletion({ baseUrl, model }), tools: [inStock] }] });
  try {
    const run = council.ask(question);
    for await (const frame of run) {
      if (frame.type === "event" && frame.event.type === "tool-requested")
        process.stderr.write(`${frame.event.name} ${frame.event.input}\n`);
    }
    return (await run.result).answer ?? "no answer";
  } finally {
    await council.close();
  }
}

if (import.meta.main) {
  const [baseUrl = "http://127.0.0.1:8080/v1", model = "default", question = "Are there any pears?"] = process.argv.slice(2);
  process.stdout.write(`${await askWithTools(baseUrl, model, question)}\n`);
}
