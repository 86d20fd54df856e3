import { describe, expect, it } from "vitest";
import type { Reply } from "../facts/outcome.ts";
import { readBallot } from "./read-ballot.ts";

function reply(text: string, toolCalls: Reply["toolCalls"] = []): Reply {
  return { type: "replied", text, toolCalls, finish: "stop", usage: { inputTokens: 1, outputTokens: 1, estimated: false } };
}

const call = (input: string, name = "ballot") => ({ id: name + input.length, name, input });
const read = (one: Reply, mayImprove = true) => {
  const result = readBallot(one, ["B", "A", "C"], mayImprove);
  return result.type === "choice" ? result.choice : result.why;
};

describe("readBallot", () => {
  it.each([
    ['{"reason":"clear","choice":"B"}', "B"],
    ['{"choice":"b","reason":"clear"}', "B"],
    ['  {"reason":"has {braces} and \\"quotes\\"","choice":"A"}\n', "A"],
    ['```json\n{"reason":"clear","choice":"C"}\n```', "C"],
    ['Here is my ballot: {"reason":"clear","choice":"improve"} Thanks.', "improve"],
    ['{"Reason":"clear","Choice":"Answer A"}', "A"],
    ['{"reason":"clear","vote":"A"}', "A"],
    ['{"name":"ballot","arguments":{"reason":"clear","choice":"B"}}', "B"],
    ['<tool_call>{"name":"ballot","arguments":"{\\"choice\\":\\"B\\"}"}</tool_call>', "B"],
    ['{"reason":"x","choice":"B"}\n{"reason":"x","choice":"B"}', "B"],
    ["REASON: clear\nCHOICE: B", "B"],
    ["**Choice:** A\n**Reason:** it is right", "A"],
    ["choice = improve", "improve"],
    ["B", "B"],
    ["Answer C.", "C"],
    ["improve", "improve"],
    ["{B}", "B"],
    ["{reason: clear, choice: B}", "B"],
  ])("reads %j", (text, choice) => expect(read(reply(text))).toBe(choice));

  it.each([
    ["", "no-choice"],
    ["I like answer B best, although A is fine too.", "no-choice"],
    ["A and B", "no-choice"],
    ['{"reason":"clear"}', "no-choice"],
    ['{"reason":"clear","choi', "no-choice"],
    ['{"reason":"clear","choice":3}', "no-choice"],
    ['{"choice":"D"}', "unknown-label"],
    ["CHOICE: Z", "unknown-label"],
    ["CHOICE: A or B", "unknown-label"],
    ['{"choice":"A, B"}', "unknown-label"],
    ['{"choice":"A"} {"choice":"B"}', "several-choices"],
    ["CHOICE: A\nCHOICE: improve", "several-choices"],
  ])("refuses %j as %s", (text, why) => expect(read(reply(text))).toBe(why));

  it("reads a tool call", () => expect(read(reply("", [call('{"reason":"clear","choice":"A"}')]))).toBe("A"));
  it("refuses a tool call without a choice", () => expect(read(reply("", [call("[]")]))).toBe("no-choice"));
  it("refuses a tool nobody offered", () => expect(read(reply("A", [call("{}", "web_search")]))).toBe("unknown-tool"));
  it("refuses two calls for the same answer", () =>
    expect(read(reply("", [call('{"choice":"A"}'), call('{"choice":"A"}')]))).toBe("several-choices"));
  it("refuses improve from who may not", () => expect(read(reply('{"choice":"improve"}'), false)).toBe("may-not-improve"));

  it("keeps the reason, but not more of it than a ballot may have", () => {
    const long = JSON.stringify({ reason: "x".repeat(1_000), choice: "A" });
    expect(readBallot(reply(long), ["A"], false)).toEqual({ type: "choice", choice: "A", reason: "x".repeat(240) });
    expect(readBallot(reply("REASON: it is right\nCHOICE: A"), ["A"], false)).toMatchObject({ reason: "it is right" });
  });

  it.each(["choice", "choiceA", "Reason: choice A.", "improve", "choice".repeat(200), `choice${" ".repeat(5_000_000)}x`])(
    "takes %.20j for no reason: it is the form's own words",
    (reason) => expect(readBallot(reply(JSON.stringify({ reason, choice: "A" })), ["A"], false)).toMatchObject({ choice: "A", reason: "" }),
  );
  it.each(["a good choice", "choice 完整", "reasonable", "x", "no reason", "Improved.", "reasons"])("keeps %j", (reason) =>
    expect(readBallot(reply(JSON.stringify({ reason, choice: "A" })), ["A"], false)).toMatchObject({ reason }),
  );

  it("reads 5 MB of babble in linear time", () => {
    const babble = '{"a":'.repeat(1_000_000);
    expect(read(reply(babble))).toBe("no-choice");
  });
});
