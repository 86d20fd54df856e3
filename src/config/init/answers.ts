import type { Environment } from "../interpolate.ts";
import type { BackendConfig } from "../schema.ts";
import { agentsFor, USUAL_AGENTS } from "./find-backends.ts";
import { type Draft, draftWith, templateDraft } from "./draft.ts";
import { wantedKeys } from "./wanted-keys.ts";

/** What somebody said, also what does not count any more since they went back: it is what they are asked with the next time. */
export interface Answers {
  readonly start?: "local" | "cloud" | "both" | "template";
  readonly template?: string;
  readonly models?: readonly BackendConfig[];
  readonly clouds?: readonly BackendConfig[];
  /** By variable; empty for one that is to be set later. */
  readonly keys: Readonly<Record<string, string>>;
  readonly count?: number;
}

/** In the order in which they are asked. */
const questions = ["start", "template", "models", "clouds", "keys", "count", "write"] as const;
export type Question = (typeof questions)[number];

/** Whether the answers so far leave this to be asked. */
function isOpen(question: Question, answers: Answers, environment: Environment): boolean {
  const { start } = answers;
  switch (question) {
    case "template":
      return start === "template";
    case "models":
      return start === "local" || start === "both";
    case "clouds":
      return start === "cloud" || start === "both";
    case "keys":
      return keysToAsk(answers, environment).length > 0;
    case "count":
      return start !== "template";
    default:
      return true;
  }
}

/** The one to ask next; undefined after the last. */
export function questionAfter(question: Question, answers: Answers, environment: Environment): Question | undefined {
  return questions.slice(questions.indexOf(question) + 1).find((next) => isOpen(next, answers, environment));
}

/** The one to go back to; the first itself where there is none before. */
export function questionBefore(question: Question, answers: Answers, environment: Environment): Question {
  return questions.slice(0, questions.indexOf(question)).findLast((before) => isOpen(before, answers, environment)) ?? question;
}

/** The backends that were chosen, as far as they count. */
export function backendsOf({ start, models = [], clouds = [] }: Answers): readonly BackendConfig[] {
  return [...(start === "local" || start === "both" ? models : []), ...(start === "cloud" || start === "both" ? clouds : [])];
}

/** From how many agents one can choose, at least one for each backend, and how many are proposed. */
export function agentCounts(answers: Answers): { readonly counts: readonly number[]; readonly usual: number } {
  const least = Math.max(1, backendsOf(answers).length);
  const counts = Array.from({ length: Math.max(5, least) - least + 1 }, (_, more) => least + more);
  const { count = USUAL_AGENTS } = answers;
  return { counts, usual: Math.max(count, least) };
}

/** Keys that are needed and were not given yet. */
export function keysToAsk(answers: Answers, environment: Environment) {
  return wantedByDraft(answers, environment).filter(({ variable }) => (answers.keys[variable] ?? "") === "");
}

function wantedByDraft(answers: Answers, environment: Environment) {
  const { start, template } = answers;
  if (start !== "template") return wantedKeys(backendsOf(answers), environment);
  const agents = template === undefined ? [] : templateDraft(template, environment).agents;
  return wantedKeys(
    agents.map(({ backend }) => backend),
    environment,
  );
}

/** What would be written: keys that do not count any more are left out. */
export function draftOf(answers: Answers, environment: Environment): Draft {
  const wanted = new Set(wantedByDraft(answers, environment).map(({ variable }) => variable));
  const keys = Object.fromEntries(Object.entries(answers.keys).filter(([name, key]) => key !== "" && wanted.has(name)));
  const { start, template, count } = answers;
  if (start === "template" && template !== undefined) return { ...templateDraft(template, environment), keys };
  return { ...draftWith(agentsFor(backendsOf(answers), { ...(count !== undefined && { count }) })), keys };
}
