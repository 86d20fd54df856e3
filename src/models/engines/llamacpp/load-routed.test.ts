import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { failureOf } from "../../failure-of.ts";
import { engineServer } from "../engine-server.ts";
import { loadRouted } from "./load-routed.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A router whose model has these states, one for each look. */
async function routerWith(states: readonly object[]) {
  const left = [...states];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify(request.method === "POST" ? { success: true } : { data: [{ id: "a", status: left.shift() }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const engine = engineServer("llama.cpp", { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return { paths, load: () => loadRouted(engine, "a", () => {}) };
}

test("a model that sleeps is there: its first request wakes it", async () => {
  const { load, paths } = await routerWith([{ value: "sleeping" }]);
  await load();
  expect(paths).toEqual(["GET /v1/models"]);
});

test.each([
  ["that failed", { value: "unloaded", failed: true }],
  ["that others took out of memory before it was ready", { value: "unloaded" }],
])("a load %s ends", async (_what, last) => {
  const { load } = await routerWith([{ value: "unloaded" }, { value: "loading" }, last]);
  const failed: unknown = await load().catch((error: unknown) => error);
  expect(failureOf(failed, "llama.cpp", 0).message).toContain("Failed to load model a");
});
