import { expect, test } from "vitest";
import { normaliseBaseUrl } from "./base-url.ts";

test.each([
  ["http://127.0.0.1:1234/v1", "http://127.0.0.1:1234/v1"],
  [" http://127.0.0.1:1234/v1// ", "http://127.0.0.1:1234/v1"],
  ["https://api.example.com/v1/chat/completions/", "https://api.example.com/v1"],
  ["localhost:8080/v1", "http://localhost:8080/v1"],
])("%s", (given, expected) => {
  expect(normaliseBaseUrl(given)).toBe(expected);
});
