import { expect, test } from "vitest";
import { isLoopback, withOneName } from "./loopback.ts";

test.each(["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.8.8.8", "[::1]", "::1"])("%s is this machine", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["example.com", "127.0.0.1.example.com", "localhost.example.com", "192.168.0.2", "0.0.0.0"])("%s is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});

test.each([
  ["http://localhost:1234", "http://127.0.0.1:1234"],
  ["http://LOCALHOST/v1", "http://127.0.0.1/v1"],
  ["http://localhost.example/v1", "http://localhost.example/v1"],
  ["http://127.0.0.1:1/localhost", "http://127.0.0.1:1/localhost"],
])("%s is known as %s", (url, name) => {
  expect(withOneName(url)).toBe(name);
});
