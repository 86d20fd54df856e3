import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WorkingCopy } from "../../workspaces/working-copy.ts";
import { createWorkingCopy } from "../../workspaces/working-copy.ts";
import { createClaudeCode } from "./create-claude-code.ts";
import { isClaudeCodeThere, missingClaudeCode } from "./find-claude-code.ts";
import { settled } from "./working-copy-notes.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "massgen-create-claude-code-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("without the SDK one sentence says what brings it", () => {
  expect(missingClaudeCode()).toMatchObject({
    code: "engine-missing",
    message: "The backend claude_code needs the Claude Agent SDK, which is not installed.",
    hint: expect.stringContaining("npm install @anthropic-ai/claude-agent-sdk@") as string,
  });
});

describe.skipIf(!isClaudeCodeThere())("a seat (skipped where the Claude Agent SDK is not installed)", () => {
  test("has a schema for ballots, no sampling, and the model of nobody else (CLI-4)", async () => {
    expect(await createClaudeCode({ cwd: root })).toMatchObject({
      name: "claude_code",
      rungs: ["schema", "text"],
      sampling: {},
      works: true,
    });
    const named = await createClaudeCode({ cwd: root, model: "sonnet", contextTokens: 9 });
    expect(named).toMatchObject({ name: "claude_code/sonnet", contextTokens: 9 });
    expect(named.languageModel.modelId).toBe("sonnet");
    await named.close?.();
  });

  test("takes no files: a note stands in their place", async () => {
    expect((await createClaudeCode({ cwd: root })).accepts).toBeUndefined();
  });

  test("needs a folder, and makes one that is not there only when it is needed", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(createClaudeCode({ cwd: join(root, "file") })).rejects.toThrow("cwd is no folder");
    await createClaudeCode({ cwd: join(root, "new") });
    expect(existsSync(join(root, "new"))).toBe(false);
  });

  test("has a model for each run, whose end takes away what was not needed", async () => {
    const model = await createClaudeCode({ cwd: join(root, "project"), workspaces: join(root, "workspaces") });
    const inRun = model.inRun?.({ runId: "r", agent: "one" });
    expect(await inRun?.runEnded("lost")).toEqual([]);
    expect(existsSync(join(root, "workspaces", "r"))).toBe(false);
  });
});

describe("when a run has ended", () => {
  const project = (): string => join(root, "project");
  const place = (): string => join(root, "run");

  async function changed(name = "one"): Promise<WorkingCopy> {
    mkdirSync(project(), { recursive: true });
    writeFileSync(join(project(), "old"), "old");
    const copy = createWorkingCopy({ project: project(), place: join(place(), name) });
    const files = await copy.open();
    for (let index = 1; index <= 7; index++) writeFileSync(join(files, `new${index}`), "new");
    rmSync(join(files, "old"));
    return copy;
  }

  test("the winner's files are named, a few of many, and the folder of the run goes", async () => {
    const copy = await changed();
    expect(await settled("won", { agent: "a", copy, project: project(), place: place() })).toEqual([
      `The winner's files are in ${project()}: new1, new2, new3, new4, new5 and 2 more.`,
      `The winner deleted in ${project()}: old.`,
    ]);
    expect(existsSync(place())).toBe(false);
  });

  test("a loser's are gone, and the folder of the run stays for others", async () => {
    const [copy, other] = [await changed("one"), await changed("other")];
    expect(await settled("lost", { agent: "a", copy, project: project(), place: place() })).toEqual([]);
    expect(readdirSync(place())).toEqual(["other"]);
    expect(readFileSync(join(other.files, "new1"), "utf8")).toBe("new");
    expect(existsSync(join(project(), "new1"))).toBe(false);
  });

  test("without a winner what was done is kept and named", async () => {
    const copy = await changed();
    expect(await settled("undecided", { agent: "a", copy, project: project(), place: place() })).toEqual([
      `Nobody won: the files of a are in ${copy.files}.`,
    ]);
    const unused = createWorkingCopy({ project: project(), place: join(place(), "unused") });
    expect(await settled("undecided", { agent: "b", copy: unused, project: project(), place: place() })).toEqual([]);
  });

  test("trouble with files is told beside the answer", async () => {
    const copy = await changed();
    writeFileSync(join(place(), "one", "taken.json"), "{");
    const [note] = await settled("won", { agent: "a", copy, project: project(), place: place() });
    expect(note).toMatch(/^The working copy of a was left in .*files\. It could not be read or written: /u);
  });
});
