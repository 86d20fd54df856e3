import { describe, expect, test } from "vitest";
import { excerpt, plainText } from "./plain-text.ts";

const ESC = "\u001B";

describe("plainText", () => {
  test.each([
    ["colours", `${ESC}[1;31mred${ESC}[0m`, "red"],
    ["a window title", `${ESC}]0;owned\u0007text`, "text"],
    ["a link", `${ESC}]8;;http://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, "click"],
    ["clearing the screen", `${ESC}[2J${ESC}[Hgone`, "gone"],
    ["a title without an end loses only its mark", `${ESC}]0;rest of the answer`, "]0;rest of the answer"],
    ["an eight-bit sequence", "\u009B31mred", "31mred"],
    ["a lone carriage return", "real\rfake", "realfake"],
    ["a line end of Windows", "one\r\ntwo", "one\ntwo"],
    ["backspaces and bells", "a\b\u0007b", "ab"],
    ["reordering marks", "user\u202Etxt.exe", "usertxt.exe"],
    ["tabs and lines stay", "a\tb\nc", "a\tb\nc"],
    ["other scripts and pictures stay", "日本語 👩‍👩‍👧 é", "日本語 👩‍👩‍👧 é"],
  ])("%s", (_name, written, shown) => {
    expect(plainText(written)).toBe(shown);
  });
});

describe("excerpt", () => {
  test.each([
    ["short", 20, "short"],
    ["several\n\n  lines\there", 30, "several lines here"],
    ["exactly ten", 11, "exactly ten"],
    ["one more than fits", 10, "one more…"],
    ["👍👍👍👍", 3, "👍👍…"],
  ])("%j in %i characters", (text, characters, shown) => {
    expect(excerpt(text, characters)).toBe(shown);
  });
});
