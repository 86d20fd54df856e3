import { simulateRun, type SimulatedCall } from "../../src/testing/simulate-run.ts";
import { ballotFor } from "../first-choice.ts";
import { charactersOf } from "../prompt-text.ts";
import type { Row } from "../rows.ts";

const ANSWER_CHARACTERS = 2_000;
const APART_MS = 500;
const OWN_CHARACTERS_A_CALL = 1_600;

/** What it costs N good agents to agree, whatever their speeds. */
export async function measureCalls(): Promise<readonly Row[]> {
  return [1, 2, 3, 5, 8].flatMap(rowsFor);
}

function rowsFor(agents: number): readonly Row[] {
  const ids = Array.from({ length: agents }, (_, index) => `agent${index + 1}`);
  const { calls, ended } = simulateRun({ agents: ids, behave: (call) => behave(call, ids.indexOf(call.request.agent)) });
  if (ended?.outcome !== (agents === 1 ? "single" : "consensus")) throw new Error(`${agents} agents ended as ${ended?.outcome}`);
  const characters = calls.reduce((total, { prompt }) => total + charactersOf(prompt.messages), 0);
  const reading = (agents ** 2 + agents) * ANSWER_CHARACTERS;
  const most = agents === 1 ? OWN_CHARACTERS_A_CALL : reading + OWN_CHARACTERS_A_CALL * calls.length;
  const many = `${agents} ${agents === 1 ? "agent" : "agents"}`;
  return [
    { what: `${many}: calls to the end`, value: calls.length, unit: "", goal: { atMost: agents === 1 ? 1 : 2 * agents + 1 } },
    { what: `${many}: prompt characters`, value: characters, unit: "", goal: { atMost: most } },
  ];
}

/** Answers come half a second apart; every ballot is for the first. */
function behave({ request, prompt }: SimulatedCall, seat: number): { readonly text: string; readonly afterMs: number } {
  const afterMs = APART_MS * (seat + 1);
  if (prompt.ballot !== undefined) return { text: ballotFor(prompt.ballot.choices[0] ?? ""), afterMs };
  const text = `${request.agent} says: `;
  return { text: text + "word ".repeat(ANSWER_CHARACTERS / 5).slice(text.length), afterMs };
}
