import type { RunEvent } from "../core/facts.ts";
import { createHidingStream } from "../log/redaction.ts";
import { plainText } from "../views/plain-text.ts";
import type { TextStream } from "./io.ts";

/** Writes what the one agent of a run says as it comes. Deltas may be lost: what a settled reply has beyond them is added. */
export interface RawOutput {
  text(piece: string): void;
  event(event: RunEvent): void;
  /** Something else is to be told below what stands there. */
  endLine(): void;
}

/** @param secrets appear in nothing that is written, also where they come in pieces */
export function createRawOutput(stdout: Pick<TextStream, "write" | "isTerminal">, secrets: readonly string[]): RawOutput {
  const hiding = createHidingStream(secrets);
  let isLineOpen = false;
  /** What was written of the call under way. */
  let said = "";

  const put = (text: string): void => {
    if (text === "") return;
    stdout.write(stdout.isTerminal ? plainText(text) : text);
    isLineOpen = !text.endsWith("\n");
  };
  const endLine = (): void => {
    if (isLineOpen) put("\n");
  };
  /** An answer does not begin with white space, whatever its model begins with. */
  const say = (text: string): void => {
    put(said.trim() === "" && !isLineOpen ? text.trimStart() : text);
    said += text;
  };
  const settle = (whole: string): void => {
    if (whole.startsWith(said)) say(whole.slice(said.length));
    else if (!said.startsWith(whole) && whole.trim() !== said.trim()) {
      endLine();
      put(whole.trim());
    }
  };

  return {
    endLine,
    text: (piece) => say(hiding.push(piece)),
    event(event) {
      if (event.type === "run-ended") endLine();
      if (event.type !== "call-settled") return;
      const { outcome } = event;
      if (outcome.type === "replied") settle(outcome.text);
      said = "";
      hiding.clear();
      // What was cut off at its length goes on where it ended.
      if (outcome.type !== "replied" || outcome.finish !== "length") endLine();
    },
  };
}
