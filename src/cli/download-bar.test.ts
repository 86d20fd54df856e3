import { expect, test } from "vitest";
import { virtualClock } from "../testing/virtual-clock.ts";
import { downloadBar } from "./download-bar.ts";
import type { Narrator } from "./narrator.ts";

function recorded(isLive: boolean): { readonly narrator: Narrator; readonly said: string[] } {
  const said: string[] = [];
  const narrator = {
    isLive,
    line: ({ text }: { text: string }) => void said.push(text),
    error: () => undefined,
    status: (text: string) => void said.push(text),
  };
  return { narrator, said };
}

const MB = 1_000_000;

test("a line every ten percent without a terminal", () => {
  const { narrator, said } = recorded(false);
  const bar = downloadBar({ io: { clock: virtualClock() }, narrator });
  for (let received = 0; received <= 98; received += 7) bar({ received: received * MB, total: 98 * MB });
  expect(said).toEqual([
    "10 %, 14 MB of 98 MB",
    "20 %, 21 MB of 98 MB",
    "30 %, 35 MB of 98 MB",
    "40 %, 42 MB of 98 MB",
    "50 %, 49 MB of 98 MB",
    "60 %, 63 MB of 98 MB",
    "70 %, 70 MB of 98 MB",
    "80 %, 84 MB of 98 MB",
    "90 %, 91 MB of 98 MB",
    "100 %, 98 MB of 98 MB",
  ]);
});

test("a bar that is redrawn now and then on a terminal, and taken away at the end", () => {
  const { narrator, said } = recorded(true);
  const clock = virtualClock();
  const bar = downloadBar({ io: { clock }, narrator });
  for (const received of [0, 24, 49, 73, 98]) {
    bar({ received: received * MB, total: 98 * MB });
    clock.advance(60);
  }
  expect(said).toEqual(["[........................] 0 %, 0 MB of 98 MB", "[############............] 50 %, 49 MB of 98 MB, 408 MB/s", ""]);
});

test("where nobody says how big the file is, what came is shown", () => {
  const { narrator, said } = recorded(true);
  downloadBar({ io: { clock: virtualClock() }, narrator })({ received: 5 * MB });
  expect(said).toEqual(["5 MB"]);
});
