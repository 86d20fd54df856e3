import { expect, test } from "vitest";
import { redactText } from "../log/redaction.ts";
import { isSameServer } from "./same-server.ts";

const recorded = { name: "files", command: "npx", args: ["-y", "server", "--token=[secret]"] };

test.each([
  [{ ...recorded, args: ["-y", "server", "--token=t-0123456789"] }, true],
  [{ ...recorded, args: ["-y", "server", "--token=t-0123456789"], env: { KEY: "k" }, headers: {} }, true],
  [{ ...recorded, args: ["-y", "other", "--token=t-0123456789"] }, false],
  [{ ...recorded, args: ["-y", "server"] }, false],
  [{ ...recorded, command: "sh", args: ["-y", "server", "--token=t"] }, false],
  [{ ...recorded, args: ["-y", "server", "--token=t"], cwd: "/" }, false],
  [{ name: "files", url: "https://h/mcp" }, false],
])("%j is the server that was recorded: %s", (now, expected) => {
  expect(isSameServer(recorded, now)).toBe(expected);
});

test("what the log hides may be anything, before, between and behind what it shows", () => {
  const url = { name: "far", url: "https://[secret]@h/mcp?a=1&token=[secret]&b=2" };
  expect(isSameServer(url, { name: "far", url: "https://me:pw@h/mcp?a=1&token=abc&b=2" })).toBe(true);
  expect(isSameServer(url, { name: "far", url: "https://me:pw@h/mcp?a=1&b=2" })).toBe(false);
  expect(isSameServer(url, { name: "far", url: "https://me:pw@evil/mcp?a=1&token=abc&b=2" })).toBe(false);
});

test("the log hides with the mark that is looked for", () => {
  expect(redactText("a secret-0123456789 b", ["secret-0123456789"])).toBe("a [secret] b");
});
