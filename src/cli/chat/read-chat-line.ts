import type { FileSource } from "../../files/read-source.ts";
import { isBlank } from "../question.ts";
import { suggest } from "../suggest.ts";
import { attachLine } from "./attach-line.ts";

/** By every name they have; a name is the whole line, in capitals or not. */
const commands = {
  quit: ["/quit", "/exit", "/q", "quit", "exit", "q"],
  reset: ["/reset", "/clear", "reset", "clear"],
  help: ["/help", "/h"],
  status: ["/status"],
} as const;
export type ChatCommand = keyof typeof commands;

export type ChatLine =
  | { readonly type: "empty" }
  | { readonly type: "command"; readonly command: ChatCommand }
  /** A file for the next question. */
  | { readonly type: "attach"; readonly source: FileSource }
  | { readonly type: "unknown"; readonly sentence: string }
  | { readonly type: "question"; readonly question: string };

/** What somebody means who types this line. A blank before it makes it a question, whatever it is. */
export function readChatLine(line: string): ChatLine {
  if (isBlank(line)) return { type: "empty" };
  const text = line.trim();
  if (/^\s/u.test(line)) return { type: "question", question: text };
  const command = commandNamed(text);
  if (command !== undefined) return { type: "command", command };
  if (!text.startsWith("/")) return { type: "question", question: text };
  const attached = attachLine(text);
  if (attached !== undefined)
    return "usage" in attached ? { type: "unknown", sentence: attached.usage } : { type: "attach", source: attached };
  const [word = ""] = text.split(/\s/u);
  const meant = suggest(word.toLowerCase(), [...Object.values(commands).flat(), "/image", "/file"]);
  return { type: "unknown", sentence: `There is no command "${text}".${meant} A blank before it asks it as a question.` };
}

function commandNamed(text: string): ChatCommand | undefined {
  const names = Object.keys(commands) as readonly ChatCommand[];
  return names.find((name) => (commands[name] as readonly string[]).includes(text.toLowerCase()));
}

export const chatHelp = `  /status              who is here, and how many exchanges there were
  /reset, /clear       forget the conversation
  /image PATH          attach an image to the next question
  /file PATH           attach a PDF, a text or an image to it
  /quit, /exit, /q     leave; so does Ctrl-D
  /help, /h            this
Anything else is a question. quit, exit, q, reset and clear work without the
slash, too. To ask one of these words, or something that begins with a slash,
put a blank before it. Ctrl-C stops a run and takes the leading answer.`;
