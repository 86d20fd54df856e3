import { exhausted } from "../bounds.ts";
import type { Fact } from "../facts.ts";
import type { RunState } from "../state.ts";
import type { Strategy } from "./strategy.ts";
import { askAgain } from "./consensus/ask-again.ts";
import { requestDrafts } from "./consensus/drafts.ts";
import { endEarly } from "./consensus/ending.ts";
import { judge } from "./consensus/judging.ts";
import { tellingWhatIsLeftOut } from "./consensus/notices.ts";
import { present } from "./consensus/presenting.ts";
import { readReplies } from "./consensus/read-replies.ts";
import { standAtTheEnd } from "./consensus/read-text.ts";
import { keepTimers } from "./consensus/timers.ts";

/**
 * Drafts, then rounds of judging and improving until the votes settle, then the winner presents (design section 3).
 * Each step either has something to append or leaves the word to the next one.
 */
export const consensus: Strategy = {
  plan(state) {
    return tellingWhatIsLeftOut(state, nextFacts(state));
  },
};

function nextFacts(state: RunState): readonly Fact[] {
  const read = readReplies(state);
  if (read.length > 0) return read;
  const why = exhausted(state);
  if (why !== undefined) {
    const saved = standAtTheEnd(state);
    return saved.length > 0 ? saved : endEarly(state, why);
  }
  for (const step of [askAgain, requestDrafts, judge, present]) {
    const facts = step(state);
    if (facts.length > 0) return facts;
  }
  return keepTimers(state);
}
