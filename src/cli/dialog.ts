import { isCancel, updateSettings } from "@clack/prompts";

/** What came of a question: Esc goes back, Ctrl-C and Ctrl-D leave. */
export type Answer<Value> = { readonly type: "answer"; readonly value: Value } | "back" | "leave";

/** What every prompt takes. */
export interface Common {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/** Questions on the terminal itself, which the prompts draw over. */
export interface Dialog {
  ask<Value>(put: (common: Common) => Promise<Value>): Promise<Answer<Exclude<Value, symbol>>>;
  close(): void;
}

const CTRL_D = "\u0004";

/** The prompts tell Esc and Ctrl-C alike; which of them it was the keyboard says. At Ctrl-D they would wait for ever. */
export function openDialog(signal: AbortSignal): Dialog {
  updateSettings({ aliases: { [CTRL_D]: "cancel" } });
  let isEscape = false;
  const listen = (_text: unknown, key: { readonly name?: string } | undefined): void => void (isEscape = key?.name === "escape");
  process.stdin.on("keypress", listen);
  return {
    async ask<Value>(put: (common: Common) => Promise<Value>) {
      const value = await put({ input: process.stdin, output: process.stderr, signal });
      if (!isCancel(value)) return { type: "answer" as const, value: value as Exclude<Value, symbol> };
      return isEscape && !signal.aborted ? "back" : "leave";
    },
    close: () => void process.stdin.off("keypress", listen),
  };
}
