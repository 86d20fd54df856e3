import type { Reply } from "../../core/facts/outcome.ts";
import type { Message } from "../../core/messages.ts";
import { type Played, play, type PlayedCall } from "./play.ts";

/** A prompt as the protocol makes it, and in words which. */
export interface PromptOfOurs {
  readonly kind: string;
  readonly messages: readonly Message[];
}

type Said =
  | string
  | { readonly text?: string; readonly finish?: Reply["finish"]; readonly calls?: readonly string[]; readonly tool?: string };

/** What each agent says, call by call; then it writes something new, or chooses what is shown first. */
type Script = Readonly<Record<string, readonly Said[]>>;

const nowhere = ballot("Zebra");
const runs: readonly { readonly about: string; readonly input: Played; readonly script: Script }[] = [
  {
    about: "",
    input: {
      agents: [
        { id: "one", model: "one", rungs: ["schema", "text"] },
        { id: "two", model: "two", rungs: ["tool", "text"] },
        { id: "three", model: "three", rungs: ["text"] },
      ],
    },
    script: {
      one: [{ text: "Paris is the capital,", finish: "length" }, " and its largest city.", "I cannot say.", nowhere],
      two: [
        { calls: ["{}"], tool: "search" },
        "It is Paris.",
        { calls: [nowhere] },
        { calls: [ballot("A"), ballot("B")] },
        ballot("improve"),
      ],
      three: ["", "Lyon, I think.", `${nowhere} or ${ballot("A")}`, nowhere],
    },
  },
  {
    about: "with history",
    input: {
      agents: [
        { id: "one", model: "one", rungs: ["schema"], persona: "You are brief." },
        { id: "two", model: "two", rungs: ["tool"] },
      ],
      history: [
        { role: "assistant", text: "Ask me about France." },
        { role: "user", text: "Is Nice in France?" },
        { role: "assistant", text: "Yes." },
      ],
      settings: { finalAnswer: "synthesize", bounds: { answersPerAgent: 2 } },
    },
    script: { one: ["Paris.", ballot("improve"), { text: "Paris, on the", finish: "length" }, " Seine.", ballot("improve")] },
  },
];

function ballot(choice: string): string {
  return JSON.stringify({ reason: "It is right.", choice });
}

/** One prompt of every kind that the protocol makes, from runs played on the core. */
export async function everyPrompt(): Promise<readonly PromptOfOurs[]> {
  const found = new Map<string, PromptOfOurs>();
  for (const { about, input, script } of runs) {
    const asked = new Map<string, number>();
    await play(input, (call) => {
      const { agent } = call.request;
      const kind = [kindOf(call), about].filter((word) => word !== "").join(", ");
      if (!found.has(kind)) found.set(kind, { kind, messages: call.prompt.messages });
      const turn = asked.get(agent) ?? 0;
      asked.set(agent, turn + 1);
      return replyOf(script[agent]?.[turn] ?? otherwise(call, turn));
    });
  }
  return [...found.values()];
}

function kindOf({ request: { purpose, because, rung }, prompt: { messages } }: PlayedCall): string {
  const isAfterCall = messages.at(-1)?.role === "tool" ? "after a tool call" : "";
  return [purpose, rung ?? "", because ?? "", isAfterCall].filter((word) => word !== "").join(" ");
}

function otherwise({ request: { agent }, prompt }: PlayedCall, turn: number): Said {
  return prompt.ballot === undefined ? `The answer of ${agent} in turn ${turn}.` : ballot(prompt.ballot.choices[0] ?? "");
}

function replyOf(said: Said): Reply {
  const { text = "", finish = "stop", calls = [], tool = "ballot" } = typeof said === "string" ? { text: said } : said;
  const toolCalls = calls.map((input, index) => ({ id: `call-${index}`, name: tool, input }));
  return { type: "replied", text, toolCalls, finish, usage: { inputTokens: 0, outputTokens: 0, estimated: true } };
}
