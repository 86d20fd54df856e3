import type { Trial, TriedBallot } from "./trial.ts";

const hows: Readonly<Record<Trial["how"], string>> = { real: "run for real", template: "template only", fake: "fake only" };
const reasonings: Readonly<Record<Trial["reasoning"], string>> = { apart: "told apart", "in-text": "stays in the text", none: "none seen" };

const HEAD = ["Model", "Engine", "How", "Prompts", "Ballot by", "Attempts", "Each rung alone", "Thinking", "Thinking off by", "Notes"];

/** A Markdown table of what came of trying models, one a line. */
export function modelsTable(trials: readonly Trial[]): string {
  return [lineOf(HEAD), lineOf(HEAD.map(() => "---")), ...trials.map(modelsRow)].join("\n");
}

function modelsRow(trial: Trial): string {
  const { model, engine, how, prompts, refused, chosen, ballots, reasoning } = trial;
  return lineOf([
    model,
    engine,
    hows[how],
    refused.length === 0 ? `all ${prompts}` : `${prompts - refused.length} of ${prompts}`,
    chosen.rung ?? "nothing",
    String(chosen.attempts),
    ballots.map(aloneOf).join(", "),
    reasonings[reasoning],
    switchOf(trial),
    notesOf(trial).join("; "),
  ]);
}

function aloneOf({ rungs, rung, attempts }: TriedBallot): string {
  return `${rungs.join(" ")}: ${rung === undefined ? "none" : attempts}`;
}

function switchOf({ thinkingOff = {} }: Trial): string {
  const { chat_template_kwargs: variables, continue_final_message: goesOn, ...others } = thinkingOff;
  const named = { ...(typeof variables === "object" ? variables : {}), ...others };
  const { add_generation_prompt: _begins, ...shown } = named as Record<string, unknown>;
  const parts = Object.entries(shown).map(([name, value]) => `\`${name}: ${String(value)}\``);
  return [...parts, ...(goesOn === undefined ? [] : ["a thought that is over"])].join(" and ");
}

function notesOf({ refused, draftFailed, chosen: { why } }: Trial): readonly string[] {
  return [
    ...(refused.length === 0 ? [] : [`refuses ${refused.map(({ kind }) => kind).join(", ")}`]),
    // The address of somebody's server says nothing to others.
    ...(draftFailed === undefined ? [] : [`a draft failed: ${draftFailed.replaceAll(/https?:\/\/[^\s/]+/gu, "the server")}`]),
    ...(why === undefined ? [] : [why]),
  ];
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/gu, " ")).join(" | ")} |`;
}
