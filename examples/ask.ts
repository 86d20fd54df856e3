/** Asks a council of two models on one OpenAI-compatible server and prints the answer: `node examples/ask.ts http://127.0.0.1:8080/v1 MODEL` */
import { createChatCompletion, createCouncil } from "massgen";

export async function ask(baseUrl: string, model: string, question: string): Promise<string> {
  const council = createCouncil({
    seats: [
      {
        id: "careful",
        model: createChatCompletion({ baseUrl, model, sampling: { temperature: 0.3 } }),
        systemMessage: "You check every claim.",
      },
      { id: "bold", model: createChatCompletion({ baseUrl, model, sampling: { temperature: 1 } }) },
    ],
    settings: { bounds: { runMs: 5 * 60_000 } },
  });
  try {
    const { answer, degraded } = await council.ask(question).result;
    if (degraded !== null) process.stderr.write(`lost: ${degraded.lost.map(({ agent, why }) => `${agent} (${why})`).join(", ")}\n`);
    return answer ?? "no answer";
  } finally {
    await council.close();
  }
}

if (import.meta.main) {
  const [baseUrl = "http://127.0.0.1:8080/v1", model = "default", question = "Why is the sky blue?"] = process.argv.slice(2);
  process.stdout.write(`${await ask(baseUrl, model, question)}\n`);
}
