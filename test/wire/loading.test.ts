import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cloudTypes } from "../../src/models/backends/backends.ts";

const councilFile = new URL("../../src/config/build-council.ts", import.meta.url).href;
const backendsFile = new URL("../../src/models/backends/backends.ts", import.meta.url).href;

/** Makes a model of each cloud, one after the other, and prints which packages that brought into the process. */
const script = `
import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*\\/node_modules\\/)/.exec(url) ?? [];
    if (name !== undefined) packages.add(name);
    return nextLoad(url, context);
  },
});
const taken = () => { const names = [...packages].sort(); packages.clear(); return names; };
await import(${JSON.stringify(councilFile)});
const { backends } = await import(${JSON.stringify(backendsFile)});
const loaded = { before: taken() };
for (const [type, { create, baseUrl, model }] of Object.entries(backends)) {
  await create({ model, baseUrl, apiKey: "k", fields: {}, sampling: {}, search: true, code: true });
  loaded[type] = taken();
}
console.log(JSON.stringify(loaded));
`;

test("a backend loads its own package and no other's, and building councils loads none", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  const { before = [], ...loaded } = JSON.parse(stdout) as Record<string, readonly string[]>;
  const shared = new Set(["@ai-sdk/provider", "@ai-sdk/provider-utils", "eventsource-parser"]);
  const own = Object.fromEntries(Object.entries(loaded).map(([type, names]) => [type, names.filter((name) => !shared.has(name))]));
  expect(before.filter((name) => /^@(?:ai-sdk|modelcontextprotocol)\//u.test(name))).toEqual([]);
  expect(Object.keys(own)).toEqual([...cloudTypes]);
  expect(own).toMatchObject({
    claude: ["@ai-sdk/anthropic"],
    gemini: ["@ai-sdk/google"],
    openai: expect.arrayContaining(["@ai-sdk/openai"]) as unknown,
  });
  const everybodys = Object.values(own).flat();
  expect(new Set(everybodys).size).toBe(everybodys.length);
});
