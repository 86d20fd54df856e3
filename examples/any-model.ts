/** Any AI SDK language model takes a seat; the run is kept in a file and can be gone on with after a crash. */
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { councilModel, createCouncil, openSqliteLog, type RunResult } from "massgen";

export async function askKept(models: readonly LanguageModelV4[], file: string, question: string): Promise<RunResult> {
  const log = openSqliteLog(file);
  const council = createCouncil({
    seats: models.map((model) => ({ model: councilModel(model, { contextTokens: 32_768 }) })),
    settings: { voting: { selfVotes: "discount" }, finalAnswer: "synthesize" },
    log,
  });
  try {
    const unfinished = log.list().find(({ question: asked, outcome }) => asked === question && outcome === undefined);
    return await (unfinished === undefined ? council.ask(question) : council.resume(unfinished.runId)).result;
  } finally {
    await council.close();
    log.close();
  }
}
