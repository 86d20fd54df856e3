import { group, type Entry } from "./entry.ts";

const ballot = '{"reason":"x","choice":"B"}';
/** What it thinks speaks of other answers, and even fills in a ballot that is not the one it hands in. */
const thought = 'A is short. {"reason":"short","choice":"A"} or CHOICE: C? No.';

const marks: readonly (readonly [source: string, open: string, close: string])[] = [
  ["Qwen 3, DeepSeek R1, GLM, MiMo", "<think>\n", "\n</think>\n\n"],
  ["Claude's habit, LM Studio", "<thinking>", "</thinking>"],
  ["Reka, fine-tunes", "<reasoning>", "</reasoning>\n"],
  ["EXAONE Deep", "<thought>\n", "</thought>\n"],
  ["Magistral, Ministral", "[THINK]", "[/THINK]"],
  ["Seed-OSS", "<seed:think>", "</seed:think>"],
  ["Kimi VL", "◁think▷", "◁/think▷"],
  ["Command A, R7B", "<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"],
  ["OpenThinker, Sky-T1", "<|begin_of_thought|>", "<|end_of_thought|>\n\n<|begin_of_solution|>"],
  ["gpt-oss", "<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"],
  ["gpt-oss without the end", "<|channel|>analysis<|message|>", "<|start|>assistant<|channel|>final<|message|>"],
  ["gpt-oss, markers lost", "analysis", "assistantfinal"],
  ["Gemma 4", "<|channel>thought\n", "<channel|>"],
  ["Granite 3.2", "Here is my thought process:\n", "Here is my response:\n"],
  ["Apriel", "Here are my reasoning steps:\n", "\n[BEGIN FINAL RESPONSE]\n"],
];

export const thinking: readonly Entry[] = [
  ...marks.flatMap(([source, open, close]) =>
    group({ format: "thinking before", source: `reconstructed ${source}`, rung: "schema" }, [
      [`${open}${thought}${close}${ballot}`, "B"],
      [`${open}${thought}${close}REASON: x\nCHOICE: improve`, "improve"],
    ]),
  ),
  ...group({ format: "thinking, opening missing", source: "reconstructed templates that open it" }, [
    [`${thought}\n</think>\n\n${ballot}`, "B"],
    [`${thought}[/THINK]${ballot}`, "B"],
    [`${thought}</seed:think>CHOICE: B`, "B"],
    [`${thought}<|END_THINKING|><|START_RESPONSE|>${ballot}<|END_RESPONSE|>`, "B"],
  ]),
  ...group({ format: "thinking, closing missing", source: "reconstructed length", rung: "schema" }, [
    [{ text: `<think>${thought}`, finish: "length" }, "no-choice"],
    [{ text: `<think>I choose ${ballot}`, finish: "length" }, "no-choice"],
    [{ text: `<|channel|>analysis<|message|>${thought}`, finish: "length" }, "no-choice"],
    [{ reasoning: thought, finish: "length" }, "no-choice"],
    [`<think>${thought} So:\n${ballot}`, "B"],
  ]),
  ...group({ format: "thinking elsewhere", source: "reconstructed chatty thinkers" }, [
    [`Sure.\n<think>${thought}</think>\n${ballot}`, "B"],
    [`${ballot}\n<think>${thought}</think>`, "B"],
    [`<think></think>\n\n${ballot}`, "B"],
    ['{"reason":"A left its <think> tag in","choice":"B"}', "B"],
    ['{"reason":"A writes <answer name=\\"B\\"> in its text","choice":"B"}', "B"],
    [`<think>a</think><think>${thought}</think>${ballot}`, "B"],
    [`<think>${thought}</think><answer>B</answer>`, "B"],
    [`<think>${thought}</think>\n<answer>\n${ballot}\n</answer>`, "B"],
    [`<answer>\n${ballot}\n</answer>`, "no-choice"],
    [`<think>A wants it.</think><answer name="A">\nCHOICE: A\n</answer>`, "no-choice"],
    [`<think>${thought}</think>\n\\boxed{B}`, "B"],
  ]),
  ...group({ format: "ballot in reasoning", source: "reconstructed LM Studio #1698, #1773, #1971, Ollama #10976", rung: "schema" }, [
    [{ reasoning: ballot }, "B"],
    [{ reasoning: `${thought}\nFinal:\n${ballot}\n` }, "B"],
    [{ reasoning: `${thought}\n\`\`\`json\n${ballot}\n\`\`\`` }, "B"],
    [{ reasoning: `${ballot} would be one way, but let me see.` }, "no-choice"],
    [{ reasoning: thought }, "no-choice"],
    [{ reasoning: '{"reason":"x","choice":"Z"}' }, "no-choice"],
    [{ reasoning: '{"reason":"x","choice":"B"', finish: "stop" }, "no-choice"],
    [{ reasoning: ballot, finish: "length" }, "no-choice"],
    [{ reasoning: '{"reason":"x","choice":"A"}', text: ballot }, "B"],
  ]),
  ...group({ format: "ballot in reasoning", source: "reconstructed on a rung without schema" }, [[{ reasoning: ballot }, "no-choice"]]),
];
