import { expect, it } from "vitest";
import type { Outcome } from "../../core/facts/outcome.ts";
import { tryBallot } from "./try-ballot.ts";

const usage = { inputTokens: 1, outputTokens: 1, estimated: false };
const says = (text: string, reasoning?: string): Outcome => ({
  type: "replied",
  text,
  ...(reasoning === undefined ? {} : { reasoning }),
  toolCalls: [],
  finish: "stop",
  usage,
});

it("tells on which rung and attempt a ballot came, after a correction", async () => {
  const tried = await tryBallot(["schema", "text"], async ({ ballot }) =>
    says(ballot?.rung === "text" ? "CHOICE: improve" : "I would rather not say."),
  );
  expect(tried).toEqual({ rungs: ["schema", "text"], rung: "text", attempts: 2, thought: false });
});

it("tries again after a failure that may pass, without waiting", async () => {
  const failed: Outcome = { type: "failed", failure: { kind: "server-error", message: "It fell over.", retryable: true }, usage };
  const outcomes = [failed, says('{"reason":"","choice":"improve"}', "Let me see.")];
  const tried = await tryBallot(["schema"], async () => outcomes.shift() ?? failed);
  expect(tried).toEqual({ rungs: ["schema"], rung: "schema", attempts: 2, thought: true });
});

it("says why none came", async () => {
  const tried = await tryBallot(["text"], async () => says("I would rather not say."));
  expect(tried).toMatchObject({ attempts: 3, why: "its replies held no choice that could be read" });
  expect(tried).not.toHaveProperty("rung");
});
