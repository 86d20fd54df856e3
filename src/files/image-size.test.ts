import { expect, test } from "vitest";
import { tinyPng } from "../../test/files/tiny-files.ts";
import { imageSize } from "./image-size.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const text = (characters: string): string => Buffer.from(characters, "latin1").toString("hex");

/** Heads of images of 300 x 200 pixels. */
const gif = bytes(`${text("GIF89a")} 2c01 c800 00 00 00`);
const lossy = bytes(`${text("RIFF")} 00000000 ${text("WEBPVP8 ")} 00000000 000000 9d012a 2c01 c800`);
const lossless = bytes(`${text("RIFF")} 00000000 ${text("WEBPVP8L")} 00000000 2f 2bc13100 00`);
const extended = bytes(`${text("RIFF")} 00000000 ${text("WEBPVP8X")} 0a000000 00000000 2b0100 c70000`);
const jpeg = bytes(`ffd8 ffe0 0004 0000 ffff c2 0011 08 00c8 012c 03 000000000000000000`);

test.each([
  ["image/png", tinyPng(300, 200)],
  ["image/gif", gif],
  ["image/webp", lossy],
  ["image/webp", lossless],
  ["image/webp", extended],
  ["image/jpeg", jpeg],
])("%s tells its pixels", (mediaType, head) => {
  expect(imageSize(head, mediaType)).toEqual({ width: 300, height: 200 });
});

test.each([
  ["image/png", tinyPng().subarray(0, 18)],
  ["image/gif", gif.subarray(0, 7)],
  ["image/webp", lossy.subarray(0, 20)],
  ["image/jpeg", jpeg.subarray(0, 8)],
  ["image/jpeg", bytes("ffd8 ffda 0000 0000 0000 0000 0000")],
  ["image/jpeg", bytes("ffd8 0000 0000")],
  ["image/jpeg", bytes("ffd8")],
  ["image/tiff", gif],
])("%s that is cut off, or of another kind, tells nothing", (mediaType, head) => {
  expect(imageSize(head, mediaType)).toBeUndefined();
});

test("an image without a pixel has no size", () => {
  expect(imageSize(bytes(`${text("GIF89a")} 0000 0000 00 00 00`), "image/gif")).toBeUndefined();
});
