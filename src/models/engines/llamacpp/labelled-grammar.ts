import { LONGEST_REASON } from "../../../core/ballots/read-ballot.ts";

/** A grammar (GBNF) of the two labelled lines of a ballot. It binds from the first token, also where a template's parser applies no schema. */
export function labelledGrammar(choices: readonly string[]): string {
  const anyOf = choices.map((choice) => JSON.stringify(choice)).join(" | ");
  return `root ::= "REASON: " [^\\n]{1,${LONGEST_REASON}} "\\nCHOICE: " (${anyOf})`;
}
