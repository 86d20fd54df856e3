/** `1 model`, `3 models` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `8,192 tokens` */
export function inTokens(count: number): string {
  return `${count.toLocaleString("en-US")} tokens`;
}
