import { expect, it } from "vitest";
import { type Frame, FrameFeed } from "./frames.ts";

const notice = (seq: number) => ({ type: "notice", level: "info", text: "", seq, at: 0 }) as const;

async function readAll(frames: AsyncIterable<Frame>): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const frame of frames) seen.push(frame.type === "event" ? `event ${frame.event.seq}` : "delta");
  return seen;
}

it("a reader that lags behind loses deltas and no event", async () => {
  const feed = new FrameFeed();
  const frames = feed.read();
  feed.event(notice(1));
  await frames.next();
  for (let count = 0; count < 5_000; count++) feed.delta("call", "one", { type: "text", text: "word" });
  feed.event(notice(2));
  feed.end();
  const seen = await readAll(frames);
  expect(seen.filter((frame) => frame === "delta")).toHaveLength(1_024);
  expect(seen.at(-1)).toBe("event 2");
});

it("a reader that waits is woken by the next frame and by the end", async () => {
  const feed = new FrameFeed();
  const seen = readAll(feed.read());
  await Promise.resolve();
  feed.event(notice(1));
  await Promise.resolve();
  feed.delta("call", "one", { type: "text", text: "word" });
  feed.end();
  expect(await seen).toEqual(["event 1", "delta"]);
});
