/** Watches a run: who does what, and the winner's words as they are written. */
import type { Council } from "massgen";

export async function watch(council: Council, question: string, print: (text: string) => void): Promise<string | null> {
  const run = council.ask(question);
  for await (const frame of run) {
    if (frame.type === "delta") {
      if (frame.delta.type === "text") print(`… ${frame.agent}: ${frame.delta.text}`);
      continue;
    }
    const { event } = frame;
    if (event.type === "answer-submitted") print(`${event.authors.join(" and ")} submitted answer ${event.label}`);
    if (event.type === "vote-cast") print(`${event.agent} voted for ${event.choice.label}: ${event.reason}`);
    if (event.type === "agent-out") print(`${event.agent} is out: ${event.why}`);
  }
  return (await run.result).answer;
}
