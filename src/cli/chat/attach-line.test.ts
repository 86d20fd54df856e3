import { expect, test } from "vitest";
import { attachLine } from "./attach-line.ts";

test.each([
  ["/image a.png", { path: "a.png", mustBe: "image" }],
  ["/FILE  notes.md ", { path: "notes.md" }],
  ["/attach a b.txt", { path: "a b.txt" }],
  ["/image 'My picture.png'", { path: "My picture.png", mustBe: "image" }],
  ['/file "a\'b.txt"', { path: "a'b.txt" }],
  ["/file /tmp/My\\ notes\\ \\(1\\).md", { path: "/tmp/My notes (1).md" }],
  ["/file C:\\temp\\a.txt", { path: "C:\\temp\\a.txt" }],
  ["/image", { usage: "/image PATH attaches a file to the next question." }],
  ["/file ''", { usage: "/file PATH attaches a file to the next question." }],
  ["/files a", undefined],
  ["/image.png", undefined],
  ["image a.png", undefined],
])("%s", (line, expected) => {
  expect(attachLine(line)).toEqual(expected);
});
