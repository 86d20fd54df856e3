import { expect, it } from "vitest";
import type { McpConnection } from "./server-definition.ts";
import { whyNot } from "./why-not.ts";

const http: McpConnection = { type: "http", url: "https://tools.example/mcp?token=secret", headers: {} };
const stdio: McpConnection = { type: "stdio", command: "x", args: [], env: {} };
const failed = (code: string): Error => new Error("fetch failed", { cause: Object.assign(new Error(`${code} it`), { code }) });
const answered = (status: number): Error => Object.assign(new Error("no"), { status });

it.each<[unknown, McpConnection, string]>([
  [answered(401), http, "refuses us (status 401): look at its headers"],
  [answered(403), http, "refuses us (status 403): look at its headers"],
  [answered(308), http, "sends us from https://tools.example to another address: name that one in url"],
  [answered(404), http, "is not at https://tools.example/mcp (status 404)"],
  [failed("ECONNREFUSED"), http, "cannot be reached: nothing listens at https://tools.example"],
  [failed("ENOTFOUND"), http, "cannot be reached: there is no host tools.example"],
  [failed("CERT_HAS_EXPIRED"), http, "cannot be reached at https://tools.example: CERT_HAS_EXPIRED it"],
  [new Error("Odd.\nat line 1"), http, "cannot be reached at https://tools.example: Odd"],
  [new Error("Odd.\nat line 1"), stdio, "does not answer as one: Odd"],
  ["odd", http, "cannot be reached"],
])("%s is told in words, without what is secret in an address", (error, connection, words) => {
  expect(whyNot(error, connection)).toBe(words);
});
