import { expect, test } from "vitest";
import { secretsIn } from "./secrets-in.ts";

test.each([
  [{ backend: { api_key: "one", extra_body: { plugin: { accessToken: "two", max_tokens: "many", keywords: "no" } } } }, ["one", "two"]],
  [{ headers: { "X-Custom": "one", Authorization: "Bearer two", Accept: "application/json" } }, ["one", "Bearer two", "two"]],
  [{ env: { GITHUB_PAT: "one", DATABASE_URL: "postgres://me:t%77o@host/db", HOME: "/home/me" } }, ["one", "t%77o", "two"]],
  [{ args: ["--token", "one", "--api-key=two", "-e", "MY_SECRET=three", "--verbose", "--port=80"] }, ["one", "two", "three"]],
  [{ args: ["--header", "Authorization: Bearer one", "https://me:two@host/", "https://host/a:b"] }, ["Bearer one", "one", "two", "two"]],
  [{ command: "npx server --token one" }, ["one"]],
  [{ url: "https://host/mcp?apikey=one&q=no&sig=two" }, ["one", "two"]],
  [{ url: "https://me:%E0%A4%A@host/" }, ["%E0%A4%A", "%E0%A4%A"]],
  [{ url: "https://", system_message: "Authorization: Bearer of words", count: 3, list: [{ token: "one" }] }, ["one"]],
])("of %j never to be shown: %j", (config, secrets) => {
  expect(secretsIn(config)).toEqual(secrets);
});
