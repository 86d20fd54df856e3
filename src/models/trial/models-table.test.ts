import { expect, it } from "vitest";
import { modelsTable } from "./models-table.ts";
import type { Trial } from "./trial.ts";

const trial: Trial = {
  model: "R1",
  engine: "llamacpp",
  how: "template",
  date: "2026-01-01",
  prompts: 18,
  refused: [{ kind: "draft", why: "it | would not" }],
  ballots: [{ rungs: ["schema"], attempts: 3, thought: true }],
  chosen: { rungs: ["schema", "text"], rung: "text", attempts: 2, thought: false },
  reasoning: "apart",
  draftFailed: "http://10.0.0.7:8080 fell over.",
  thinkingOff: { chat_template_kwargs: { enable_thinking: false }, continue_final_message: "content", add_generation_prompt: false },
};

it("says of each model how it was tried, what came of it and what keeps it from thinking", () => {
  expect(modelsTable([trial]).split("\n").at(-1)).toBe(
    "| R1 | llamacpp | template only | 17 of 18 | text | 2 | schema: none | told apart | `enable_thinking: false` and a thought that is over | refuses draft; a draft failed: the server fell over. |",
  );
});
