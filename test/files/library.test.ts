import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AskOptions,
  type Blobs,
  type Council,
  councilModel,
  createCouncil,
  createFolderBlobs,
  createMemoryBlobs,
  createMemoryLog,
  type EventLog,
  type Frame,
  type TakenFile,
  takeIn,
} from "massgen";
import { afterAll, describe, expect, test } from "vitest";
import { type Lines, scriptedModel, type ScriptedModel } from "../../src/testing/scripted-model.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { ofType } from "../behaviours/council.ts";
import { tinyPdf, tinyPng } from "./tiny-files.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-library-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seated {
  readonly council: Council;
  readonly model: ScriptedModel;
  readonly log: EventLog;
  readonly ask: (options: AskOptions) => ReturnType<Council["ask"]>;
}

/** One agent that reads images, on a virtual clock. */
function seat(lines: Lines, { log = createMemoryLog(), blobs }: { readonly log?: EventLog; readonly blobs?: Blobs } = {}) {
  const clock = virtualClock();
  const model = scriptedModel("m", lines, { clock });
  const seats = [{ model: councilModel(model.model, { accepts: { images: true, pdf: false } }) }];
  const council = createCouncil({ seats, clock, log, ...(blobs && { blobs }) });
  const seated: Seated = { council, model, log, ask: (options) => council.ask("Why?", { seed: 1, runId: "run", ...options }) };
  return { ...seated, clock };
}

const contentsAsked = ({ model }: Seated): unknown => model.calls.map(({ prompt }) => prompt.at(-1)?.content);

describe("files by the library", () => {
  test("paths, contents and files that were taken in before go with a question", async () => {
    const path = join(folder, "photo.png");
    writeFileSync(path, tinyPng());
    const seated = seat(["It is red."]);
    const taken = await takeIn([{ name: "notes.txt", data: new TextEncoder().encode("Some notes.") }]);
    const run = seated.ask({ attachments: [path, ...taken, { name: "again.png", data: tinyPng() }] });
    expect(run.runId).toBe("run");
    expect(await seated.clock.runUntil(run.result)).toMatchObject({ answer: "It is red." });
    expect(contentsAsked(seated)).toEqual([
      [
        { type: "file", filename: "photo.png", mediaType: "image/png", data: { type: "data", data: tinyPng().toString("base64") } },
        { type: "text", text: '<file name="notes.txt">\nSome notes.\n</file>\n\nWhy?' },
      ],
    ]);
    const [started] = ofType(seated.log.read("run"), "run-started");
    expect(started?.attachments?.map(({ name }) => name)).toEqual(["photo.png", "notes.txt"]);
  });

  test("what cannot be taken, or read by no model, rejects the run: nothing is asked and nothing is logged", async () => {
    const seated = seat([]);
    const gone = seated.ask({ attachments: [join(folder, "gone.png")] });
    await expect(gone.result).rejects.toThrow(/^There is no file .*gone\.png\.$/u);
    await expect(gone[Symbol.asyncIterator]().next()).rejects.toThrow("There is no file");
    gone.stop();
    await expect(seated.ask({ attachments: [{ name: "a.pdf", data: tinyPdf() }] }).result).rejects.toThrow(
      "No agent can be given the PDF a.pdf: agent1 (scripted/m) is not known to read PDFs.",
    );
    const taken = await takeIn([{ name: "a.pdf", data: tinyPdf() }]);
    expect(() => seated.ask({ attachments: taken })).toThrow("No agent can be given the PDF a.pdf");
    expect(seated.log.list()).toEqual([]);
  });

  test("a run that waits for its files can be watched and stopped", async () => {
    const seated = seat([{ hang: true }]);
    const run = seated.ask({ attachments: [{ name: "a.png", data: tinyPng() }] });
    run.stop();
    const frames: Frame[] = [];
    for await (const frame of run) frames.push(frame);
    expect(await run.result).toMatchObject({ outcome: "stopped", answer: null, runId: "run" });
    expect(frames[0]).toMatchObject({ type: "event", event: { type: "run-started" } });
    run.stop();
  });

  test("a signal that was aborted before stops it too", async () => {
    const seated = seat([{ hang: true }]);
    const run = seated.ask({ attachments: [{ name: "a.png", data: tinyPng() }], signal: AbortSignal.abort() });
    expect(await run.result).toMatchObject({ outcome: "stopped" });
  });
});

test("a conversation before whose files are gone is one clear sentence, and nothing is asked", async () => {
  const [{ attachment }] = (await takeIn([{ name: "photo.png", data: tinyPng() }])) as [TakenFile];
  const seated = seat([]);
  const history = [{ role: "user" as const, text: "Before?", attachments: [attachment] }];
  expect(() => seated.ask({ history })).toThrow("The file photo.png, which was attached before, is not kept any more.");
});

describe("a run that is resumed", () => {
  const history = [
    { role: "user" as const, text: "Before?" },
    { role: "assistant" as const, text: "Before." },
  ];

  /** The log and the blobs of a process that died while its one call was open. */
  async function died(blobs: Blobs): Promise<EventLog> {
    const whole = seat(["It is red."], { blobs });
    const run = whole.ask({ history, attachments: await takeIn([{ name: "photo.png", data: tinyPng() }]) });
    await whole.clock.runUntil(run.result);
    const log = createMemoryLog();
    for (const { seq: _seq, at, cause: _cause, ...fact } of whole.log.read("run").slice(0, 3)) log.append("run", [{ fact }], at);
    return log;
  }

  test("finds its files again and sends them as before", async () => {
    const kept = join(folder, "blobs");
    const log = await died(createFolderBlobs(kept));
    const seated = seat(["It is still red."], { log, blobs: createFolderBlobs(kept) });
    expect(await seated.clock.runUntil(seated.council.resume("run").result)).toMatchObject({ answer: "It is still red." });
    expect(contentsAsked(seated)).toMatchObject([
      [
        { type: "file", filename: "photo.png" },
        { type: "text", text: "Why?" },
      ],
    ]);
  });

  test("without them is one clear sentence, and one that has ended needs none", async () => {
    const log = await died(createMemoryBlobs());
    const seated = seat([], { log });
    expect(() => seated.council.resume("run")).toThrow("The file photo.png, which was attached before, is not kept any more.");
    const whole = seat(["It is red."]);
    await whole.clock.runUntil(whole.ask({ attachments: await takeIn([{ name: "photo.png", data: tinyPng() }]) }).result);
    const later = seat([], { log: whole.log });
    expect(await later.council.resume("run").result).toMatchObject({ answer: "It is red." });
  });

  test("contents that are lost in the middle cost the agent, with a sentence, and nothing else", async () => {
    let isLost = false;
    const kept = createMemoryBlobs();
    const lost: Blobs = { put: (bytes) => kept.put(bytes), read: (id) => (isLost ? undefined : kept.read(id)) };
    const seated = seat([], { blobs: lost });
    const run = seated.ask({ attachments: await takeIn([{ name: "photo.png", data: tinyPng() }]) });
    isLost = true;
    expect(await seated.clock.runUntil(run.result)).toMatchObject({ outcome: "failed", answer: null });
    const [out] = ofType(seated.log.read("run"), "agent-out");
    expect(out?.why).toBe("The file photo.png, which was attached to the question, is not kept any more.");
  });
});
