import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { councilServer, councilYaml, workplace } from "../cli/massgen.ts";

test("a run writes nothing into the current folder", async () => {
  const place = workplace();
  const server = await councilServer();
  const config = place.write("council.yaml", councilYaml(server.baseUrl));
  const here = join(place.folder, "here");
  mkdirSync(here);
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const env = { ...process.env, MASSGEN_HOME: join(place.folder, "home") };
  const ended = once(spawn(process.execPath, [main, "--config", config, "Why?"], { cwd: here, env, stdio: "ignore" }), "exit");
  expect([(await ended)[0], readdirSync(here)]).toEqual([0, []]);
  await server.close();
  place.remove();
});
