import { expect, it } from "vitest";
import { createCouncil, createMemoryLog, defineTool, type EventLog, type RunEvent } from "../../src/library/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { ofType } from "../behaviours/council.ts";

/** A log that holds what another one did when its process died; here that one lives on, so the run has another name. */
function afterDeath(events: readonly RunEvent[]): EventLog {
  const log = createMemoryLog();
  for (const { seq: _, at, cause, ...fact } of events) {
    const renamed = fact.type === "run-started" ? { ...fact, runId: "run-that-pays-on" } : fact;
    log.append("run-that-pays-on", [{ fact: renamed, ...(cause === undefined ? {} : { cause }) }], at);
  }
  return log;
}

it("a tool that was under way when its process died is not carried out again; its model is told and decides", async () => {
  const carriedOut: unknown[] = [];
  const tool = (hangs: boolean) =>
    defineTool({
      name: "pay",
      inputSchema: { type: "object" },
      execute: (input) => (carriedOut.push(input), hangs ? new Promise<never>(() => {}) : "paid"),
    });
  const log = createMemoryLog();
  const first = scriptedModel("any", [{ toolCalls: [{ name: "pay", input: { sum: 7 } }] }]);
  const dies = createCouncil({ seats: [{ model: first.model, tools: [tool(true)] }], log });
  const left = dies.ask("Pay.", { runId: "run-that-pays" });
  for await (const frame of left) if (frame.type === "event" && frame.event.type === "tool-requested") break;
  const past = log.read("run-that-pays");
  expect(past.at(-1)?.type).toBe("tool-requested");

  const second = scriptedModel("any", [
    { expect: { contains: "nobody knows whether it was carried out" }, reply: "I do not know whether I paid." },
  ]);
  const goesOn = createCouncil({ seats: [{ model: second.model, tools: [tool(false)] }], log: afterDeath(past) });
  const resumed = goesOn.resume("run-that-pays-on");
  const { answer } = await resumed.result;
  expect(answer).toBe("I do not know whether I paid.");
  expect(carriedOut).toEqual([{ sum: 7 }]);
  expect(ofType(goesOn.events("run-that-pays-on"), "tool-settled")).toMatchObject([{ outcome: { type: "interrupted" } }]);
  second.assertUsedUp();
  left.stop();
  await left.result;
});
