/** How one family of models marks its thinking where nobody takes it out for them. */
export interface ThinkingMark {
  readonly open: string;
  /** Whichever comes first ends it. */
  readonly closes: readonly string[];
}

const tag = (name: string): ThinkingMark => ({ open: `<${name}>`, closes: [`</${name}>`] });

/** Marks nobody writes by chance: what follows one at the start of a reply is thinking, closed or not. */
export const THINKING_MARKS: readonly ThinkingMark[] = [
  ...["think", "thinking", "thought", "reasoning", "reflection", "analysis", "scratchpad", "seed:think"].map(tag),
  { open: "[THINK]", closes: ["[/THINK]"] },
  { open: "◁think▷", closes: ["◁/think▷"] },
  { open: "<|think|>", closes: ["<|/think|>", "</think>", "<|end|>"] },
  { open: "<|START_THINKING|>", closes: ["<|END_THINKING|>"] },
  { open: "<|begin_of_thought|>", closes: ["<|end_of_thought|>"] },
  { open: "<|channel>thought", closes: ["<channel|>"] },
  ...["analysis", "commentary"].map((channel) => ({
    open: `<|channel|>${channel}<|message|>`,
    closes: ["<|end|>", "<|start|>assistant", "<|channel|>final<|message|>"],
  })),
];

/** Words that only mark thinking where both of them are there, the first at the very start. */
export const SPOKEN_MARKS: readonly ThinkingMark[] = [
  { open: "Here is my thought process:", closes: ["Here is my response:"] },
  { open: "Here's my thought process:", closes: ["Here's my response:"] },
  { open: "Here are my reasoning steps:", closes: ["[BEGIN FINAL RESPONSE]"] },
  { open: "analysis", closes: ["assistantfinal", "assistantcommentary to="] },
  { open: "**Thinking**", closes: ["**Final Response**"] },
];

/** What opens the reply proper; it says nothing and is dropped where a reply, or what follows thinking, begins with it. */
export const REPLY_OPENERS: readonly string[] = [
  "<|start|>assistant<|channel|>final<|message|>",
  "<|channel|>final<|message|>",
  "<|start|>assistant",
  "<|START_RESPONSE|>",
  "<|START_TEXT|>",
  "<|begin_of_solution|>",
  "[BEGIN FINAL RESPONSE]",
  "<|im_start|>assistant",
];
