import { chmod, mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { FakeLmStudioOptions } from "../../../testing/fake-engines/lmstudio/options.ts";
import { startFakeLmStudio } from "../../../testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { failureOf } from "../../failure-of.ts";
import type { Engine, EngineModel } from "../engine.ts";
import { engineServer } from "../engine-server.ts";
import { createLmStudio } from "./create-lmstudio.ts";
import { localLms } from "./lms.ts";
import { startLmStudio } from "./start-lmstudio.ts";

const never = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A home of LM Studio with a command that does `doing`, and the arguments of each call of it. */
async function lmsThat(doing: string, folder = ".lmstudio"): Promise<{ readonly home: string; readonly calls: () => Promise<string> }> {
  const home = await mkdtemp(path.join(tmpdir(), "lms-"));
  closing.push(() => rm(home, { recursive: true }));
  const bin = path.join(home, folder, "bin");
  await mkdir(bin, { recursive: true });
  const file = path.join(bin, "lms");
  await writeFile(file, `#!/bin/sh\necho "$@" >> "${home}/calls"\n${doing}\n`);
  await chmod(file, 0o755);
  return { home, calls: () => readFile(path.join(home, "calls"), "utf8").catch(() => "") };
}

async function engineWith(home: string, options: FakeLmStudioOptions = {}): Promise<{ readonly engine: Engine; readonly port: string }> {
  const fake = await startFakeLmStudio({ models: ["a"], ...options });
  closing.push(() => fake.close());
  return { engine: createLmStudio({ baseUrl: fake.origin, lms: { home, path: "" } }), port: new URL(fake.origin).port };
}

async function sentence(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing went wrong",
    (error: unknown) => failureOf(error, "LM Studio", 0).message,
  );
}

async function load(engine: Engine, options: object): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for await (const progress of engine.load?.("a", options, never) ?? []) seen.push(progress);
  return seen;
}

describe.skipIf(process.platform === "win32")("the command lms", () => {
  test("a remote address never runs lms", async () => {
    const { home, calls } = await lmsThat("exit 0");
    const remote = { baseUrl: "http://192.0.2.1:1234" };
    expect(await localLms(engineServer("LM Studio", remote), { home, path: "" })).toBeUndefined();
    expect(await sentence(startLmStudio(remote, never, { home, path: "" }))).toBe(
      "LM Studio at http://192.0.2.1:1234 is not on this machine, so it cannot be started from here. Run `lms server start` there.",
    );
    expect(await calls()).toBe("");
  });

  test("missing lms is one sentence that says what to do", async () => {
    const places = { home: "/nowhere", path: "/nowhere/bin" };
    expect(await sentence(startLmStudio({ baseUrl: "http://localhost:1234" }, never, places))).toBe(
      "LM Studio at http://localhost:1234 cannot be started, because its command lms is not on this machine. Install LM Studio from https://lmstudio.ai and open it once, or switch its server on in its Developer page.",
    );
  });

  test("starts the server at the port of the address", async () => {
    const { home, calls } = await lmsThat('echo "Success! Server is now running on port 4321" >&2');
    await startLmStudio({ baseUrl: "http://127.0.0.1:4321/v1" }, never, { home, path: "" });
    expect(await calls()).toBe("server start --port 4321\n");
  });

  test("is found in the home that a pointer names, and in PATH", async () => {
    const { home } = await lmsThat("exit 0", "elsewhere");
    const server = engineServer("LM Studio", { baseUrl: "http://127.0.0.1:1234" });
    expect(await localLms(server, { home: "/nowhere", path: path.join(home, "elsewhere", "bin") })).toBeDefined();
    expect(await localLms(server, { home, path: "" })).toBeUndefined();
    await writeFile(path.join(home, ".lmstudio-home-pointer"), `${path.join(home, "elsewhere")}\n`);
    expect(await localLms(server, { home, path: "" })).toBeDefined();
  });

  test("what it complains about is one sentence, without colours and progress", async () => {
    const { home } = await lmsThat(String.raw`printf '\033[31mError:\033[0m the port is taken\n45%% done\r' >&2; exit 1`);
    expect(await sentence(startLmStudio({ baseUrl: "http://127.0.0.1:1" }, never, { home, path: "" }))).toMatch(
      /\(500\): lms server start: Error: the port is taken$/u,
    );
  });

  test("is stopped with its caller", async () => {
    const { home } = await lmsThat("exec sleep 60");
    const leave = new AbortController();
    const started = startLmStudio({ baseUrl: "http://127.0.0.1:1" }, leave.signal, { home, path: "" });
    leave.abort(new Error("enough"));
    await expect(started).rejects.toThrow("enough");
  });

  test("loads where slots or an idle time are asked for, on this very server, with progress", async () => {
    const { home, calls } = await lmsThat(`printf 'Loading 25%%\\rLoading 75.5%%\\r' >&2`);
    const { engine, port } = await engineWith(home);
    const seen = await load(engine, { slots: 6, ttlSeconds: 60, contextTokens: 2048 });
    expect(seen.at(-1)).toEqual({ fraction: 0.755 });
    expect(await calls()).toBe(
      `load a --exact --yes --identifier a --parallel 6 --ttl 60 --context-length 2048 --host 127.0.0.1 --port ${port}\n`,
    );
  });

  test("is not needed for a context alone", async () => {
    const { home, calls } = await lmsThat("exit 1");
    const { engine } = await engineWith(home);
    expect(await load(engine, { contextTokens: 2048 })).toEqual([{}]);
    expect(await calls()).toBe("");
  });

  test("loads and unloads for versions that cannot when asked over HTTP", async () => {
    const { home, calls } = await lmsThat("exit 0");
    const { engine, port } = await engineWith(home, { api: "v0", models: ["a", { id: "b", loaded: true }] });
    await load(engine, {});
    await engine.unload?.("b", never);
    expect(await calls()).toBe(
      `load a --exact --yes --identifier a --host 127.0.0.1 --port ${port}\nunload b --host 127.0.0.1 --port ${port}\n`,
    );
  });

  test("tells the slots that older versions do not: JSON on stdout, text on stderr", async () => {
    const { home } = await lmsThat(`echo 'Waking up [1]' >&2; echo '[{"identifier":"a","modelKey":"a","parallel":7}]'`);
    const { engine } = await engineWith(home, { api: "v0", models: [{ id: "a", loaded: true }] });
    const [model] = await engine.models(never);
    expect((await engine.slots(model as EngineModel, never)).slots).toEqual({ value: 7, source: "parallel of lms ps" });
  });

  test("out of memory is told as such", async () => {
    const { home } = await lmsThat("echo 'Model loading was stopped due to insufficient system resources.' >&2; exit 1");
    const { engine } = await engineWith(home);
    expect(await sentence(load(engine, { slots: 2 }))).toContain("has not enough memory for the model");
  });
});
