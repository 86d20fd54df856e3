/**
 * Variables by which chat templates are told not to think, each with the value that says so. A template that does not read a variable
 * is not told it: which ones it reads stands in its text.
 */
const switches: Readonly<Record<string, unknown>> = {
  enable_thinking: false,
  thinking: false,
  thinking_mode: "chat",
  thinking_budget: 0,
  reasoning_effort: "low",
};

/** What tells this template not to think. */
export function thinkingOffBy(template: string): Readonly<Record<string, unknown>> {
  const code = [...template.matchAll(/\{%(.*?)%\}|\{\{(.*?)\}\}/gsu)].map(([, statement = "", expression = ""]) => statement + expression);
  // Prose and strings of a template speak of thinking too.
  const read = code.join("\n").replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gu, "");
  return Object.fromEntries(Object.entries(switches).filter(([name]) => new RegExp(`(?<![.\\w])${name}\\b`, "u").test(read)));
}

/** Marks of templates (Kimi K2, GigaChat 3, Functionary 3.2) for which the server has a parser of its own that leaves the schema out. */
export const UNBOUND = /<\|im_middle\|>|message_sep|>>>all/u;
