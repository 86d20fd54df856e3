import { BALLOT } from "../../src/core/ballots/read-ballot.ts";
import { ballotSchema } from "../../src/models/ballot-schema.ts";
import { simulateRun, type Behaviour, type SimulatedCall } from "../../src/testing/simulate-run.ts";
import { reasonToSkip, smolLmFile } from "../../test/engines/engine-cache.ts";
import { ballotFor } from "../first-choice.ts";
import { textOf } from "../prompt-text.ts";
import type { Row } from "../rows.ts";

const MOST_TOKENS = 400;
const QUESTION = "[the question]";
const PERSONA = "[the persona]";
const ANSWER = /\[an answer of \w+, \w+\]/gu;
const REASON = "[a reason]";
const PURPOSES = ["draft", "ballot", "improvement", "presentation"] as const;

type Count = (text: string) => number;

/** How much a model reads that is neither question nor persona nor what agents wrote: the longest prompt of each kind. */
export async function measureOwnWords(): Promise<readonly Row[]> {
  const { count, note } = await tokenizer();
  const rewritten = allCalls(3, true);
  const longest = (what: string, calls: readonly SimulatedCall[]): Row => {
    const counted = calls.map((call) => ({ text: ownText(call), tokens: count(ownText(call)) }));
    const most = counted.reduce((one, other) => (other.tokens > one.tokens ? other : one));
    const characters = most.text.length.toLocaleString("en");
    return { what, value: most.tokens, unit: "tokens", goal: { atMost: MOST_TOKENS }, note: `${characters} characters, ${note}` };
  };
  return [
    ...PURPOSES.map((purpose) =>
      longest(
        `3 agents, all answers rewritten: longest ${purpose}`,
        rewritten.filter(({ request }) => request.purpose === purpose),
      ),
    ),
    longest("8 agents: longest prompt", allCalls(8, false)),
    longest("8 agents, all answers rewritten: longest prompt", allCalls(8, true)),
  ];
}

/** What was sent without what people and agents wrote. A tool is rendered into the prompt by the engine, so it counts. */
function ownText({ prompt }: SimulatedCall): string {
  const said = prompt.messages.filter(({ role }) => role !== "assistant").map(textOf);
  const tool = prompt.ballot?.rung === "tool" ? [BALLOT, JSON.stringify(ballotSchema(prompt.ballot.choices))] : [];
  return [...said, ...tool].join("\n").replaceAll(QUESTION, "").replaceAll(PERSONA, "").replaceAll(ANSWER, "").replaceAll(REASON, "");
}

/** On every rung and with both ways to present: everybody is cut off once and chooses twice what there is not. */
function allCalls(size: number, rewrite: boolean): readonly SimulatedCall[] {
  const rungs = ["schema", "tool", "text"] as const;
  const behave = (call: SimulatedCall): Behaviour => replyTo(call, rewrite);
  return rungs.flatMap((rung) =>
    (["winner_present", "synthesize"] as const).flatMap((finalAnswer) => {
      const agents = Array.from({ length: size }, (_, index) => ({ id: `a${index}`, model: "bench", persona: PERSONA, rungs: [rung] }));
      return simulateRun({ input: { question: QUESTION, settings: { finalAnswer } }, agents, behave }).calls;
    }),
  );
}

function replyTo({ request, prompt, state }: SimulatedCall, rewrite: boolean): Behaviour {
  const { agent, purpose, attempt, because } = request;
  if (prompt.ballot === undefined) {
    return { text: `[an answer of ${agent}, ${purpose}]`, ...(because === "length" ? {} : { finish: "length" as const }) };
  }
  if (rewrite && state.round?.round === 1) return ballotFor("improve");
  return ballotFor(attempt < 3 ? "Q" : (prompt.ballot.choices[0] ?? ""), REASON);
}

async function tokenizer(): Promise<{ readonly count: Count; readonly note: string }> {
  if ((await reasonToSkip()) !== undefined) return { count: (text) => Math.ceil(text.length / 4), note: "taken as four to a token" };
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: LlamaLogLevel.disabled });
  const model = await llama.loadModel({ modelPath: await smolLmFile(), vocabOnly: true });
  return { count: (text) => model.tokenize(text).length, note: "counted by SmolLM2's tokenizer" };
}
