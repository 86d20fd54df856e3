import { expect, test } from "vitest";
import { acceptsAt } from "./accepts-at.ts";

test.each([
  ["lmstudio", ["image/png", "image/jpeg"]],
  ["gemini", ["image/png", "image/jpeg", "image/webp"]],
  ["openai", undefined],
  ["constructor", undefined],
  [undefined, undefined],
])("types of images at %s", (place, imageTypes) => {
  expect(acceptsAt(place, { images: true, pdf: true }).imageTypes).toEqual(imageTypes);
});

test("matter only where images are read at all", () => {
  expect(acceptsAt("lmstudio", { images: false, pdf: false })).toEqual({ images: false, pdf: false });
});
