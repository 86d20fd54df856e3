import { isJson } from "../../backends/chatcompletion/wire.ts";
import { SPOKEN_MARKS, THINKING_MARKS } from "../../thinking-marks.ts";
import type { EngineModel } from "../engine.ts";
import { type EngineServer, quietly } from "../engine-server.ts";
import { known } from "../sourced.ts";
import { thinkingOffBy } from "./template-knowledge.ts";

/** Rendering takes milliseconds; a server that is busy takes longer. */
const LONGEST_RENDER_MS = 2_000;
const QUESTION = "Which one?";
/** A thought that is over, in the place of those a model would have. A template leaves an empty one out. */
const THOUGHT = "I have seen enough to choose.";
/** Characters by which the end of one prompt is told from that of another. */
const ENDING = 8;
const SOURCE = "what /apply-template makes of a prompt";

/** Has a template go on behind a thought that is over, instead of opening one or leaving that to the model. */
const CONTINUED = { continue_final_message: "content", add_generation_prompt: false } as const;

/** How a model of this server is kept from thinking before a ballot, found out by rendering a prompt both ways. Spends no token. */
export async function thinkingOffOf(
  server: EngineServer,
  template: string,
  signal: AbortSignal,
): Promise<Pick<EngineModel, "thinkingOff">> {
  const off = thinkingOffBy(template);
  const kwargs = Object.keys(off).length === 0 ? {} : { chat_template_kwargs: off };
  const until = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_RENDER_MS)]);
  const [plain, continued] = await Promise.all([render(server, kwargs, until), render(server, { ...kwargs, ...CONTINUED }, until)]);
  // An older server begins a new reply behind the thought, as if nothing had been asked of it.
  const goesOn = plain !== undefined && continued !== undefined && !continued.endsWith(plain.slice(-ENDING));
  const closed = goesOn && !isClosed(plain) ? CONTINUED : {};
  return known("thinkingOff", { ...kwargs, ...closed }, SOURCE);
}

/** What stands behind the last message, where the model goes on. */
async function render(server: EngineServer, fields: object, signal: AbortSignal): Promise<string | undefined> {
  const messages = [{ role: "user", content: QUESTION }];
  const body = withThought({ messages, ...fields });
  const rendered = await quietly(server.post("/apply-template", body, signal));
  const prompt = isJson(rendered) && typeof rendered.prompt === "string" ? rendered.prompt : undefined;
  return prompt?.slice(prompt.lastIndexOf(QUESTION) + QUESTION.length);
}

/** The template has both opened and closed a thought: nothing but the reply can follow. */
function isClosed(tail: string): boolean {
  return [...THINKING_MARKS, ...SPOKEN_MARKS].some(({ closes }) => closes.some((close) => tail.trimEnd().endsWith(close)));
}

/** A request to go on behind a thought carries that thought. */
export function withThought(body: Record<string, unknown>): Record<string, unknown> {
  const { continue_final_message: goesOn, messages } = body;
  if (goesOn !== CONTINUED.continue_final_message || !Array.isArray(messages)) return body;
  return { ...body, messages: [...(messages as unknown[]), { role: "assistant", reasoning_content: THOUGHT, content: "" }] };
}
