import { expect, test } from "vitest";
import type { Speed } from "./measure-speed.ts";
import { proposeSettings } from "./propose-settings.ts";

const speed = (calls: number, promptPerSecond?: number, tokensPerSecond?: number): Speed => ({
  calls,
  wallMs: 1,
  ...(promptPerSecond !== undefined && { promptPerSecond }),
  ...(tokensPerSecond !== undefined && { tokensPerSecond }),
});

test("as many at once as make the drafts of three agents soonest, computed from what was measured", () => {
  expect(proposeSettings([speed(1, 300, 40), speed(2, 150, 30), speed(3, 100, 25)])).toEqual({
    parallel: 3,
    draftsMs: 19_000,
    oneByOneMs: 33_000,
    isMost: false,
  });
});

test("more at once that saves nothing is not named", () => {
  expect(proposeSettings([speed(1, 300, 40), speed(2, 150, 20), speed(3, 100, 13.3)])).toMatchObject({ parallel: 1 });
});

test("what was not measured is not proposed", () => {
  expect(proposeSettings([speed(1), speed(2, 100, 10)])).toBeUndefined();
  expect(proposeSettings([])).toBeUndefined();
  expect(proposeSettings([speed(1, 300, 40), speed(2, 290, 39)])).toMatchObject({ parallel: 2, isMost: true });
});
