/** Whether there is nothing in a text that somebody could read: no more than white space, control characters and invisible marks. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cc}\p{Cf}]/u.test(text);
}

/** The question with what came on standard input as its context, in a fence that the text cannot close. */
export function questionWithContext(question: string, context: string): string {
  const longest = Math.max(2, ...Array.from(context.matchAll(/`+/gu), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${question}\n\nContext from standard input:\n\n${fence}\n${context.replace(/\n$/u, "")}\n${fence}`;
}
