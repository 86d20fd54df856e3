import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each(["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.8.8.8", "[::1]", "::1"])("%s is this machine", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["example.com", "127.0.0.1.example.com", "localhost.example.com", "192.168.0.2", "0.0.0.0"])("%s is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
