import { expect, test } from "vitest";
import { startFakeVllm } from "../testing/fake-engines/vllm/start-fake-vllm.ts";
import { createEngine } from "../models/engines/create-engine.ts";
import type { Engine } from "../models/engines/engine.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { attendOnce, type EngineWish } from "./attend-engine.ts";
import type { Surroundings } from "./council.ts";

const signal = new AbortController().signal;
const absent = "http://127.0.0.1:59999/v1";

function around(wrap: (engine: Engine) => Engine, questions: string[] = []): Surroundings {
  return quietSurroundings({
    allow: async (question) => {
      questions.push(question);
      return false;
    },
    createEngine: async (kind, address) => wrap(await createEngine(kind, address)),
  });
}

const wish = (baseUrl: string, autostart?: boolean): EngineWish => ({ kind: "vllm", baseUrl, key: undefined, autostart });

test("what one agent allows holds for the engine, whoever speaks first", async () => {
  let starts = 0;
  const startable = (engine: Engine): Engine => ({ ...engine, start: async () => void (starts += 1) });
  const attend = attendOnce(around(startable));
  await Promise.all([wish(absent), wish(absent, true), wish(absent, false)].map((one) => attend(one, signal)));
  expect(starts).toBe(1);
});

test("where nobody says anything the person is asked, once; a no in the config is one", async () => {
  const questions: string[] = [];
  const startable = (engine: Engine): Engine => ({ ...engine, start: async () => {} });
  const attend = attendOnce(around(startable, questions));
  await Promise.all([wish(absent), wish(absent)].map((one) => attend(one, signal)));
  expect(questions).toHaveLength(1);
  await attendOnce(around(startable, questions))(wish(absent, false), signal);
  expect(questions).toHaveLength(1);
});

test("an address that will never answer says why", async () => {
  const { probe, trouble } = await attendOnce(around((engine) => engine))(wish("http://127.0.0.1:6000/v1"), signal);
  expect([probe.type, trouble]).toEqual(["down", expect.stringContaining("has a port that HTTP clients refuse")]);
});

test("localhost and 127.0.0.1 are one engine", async () => {
  const fake = await startFakeVllm({ models: ["a"] });
  try {
    const attend = attendOnce(around((engine) => engine));
    const urls = [`${fake.origin}/v1`, `${fake.origin.replace("127.0.0.1", "localhost")}/v1`];
    const [one, other] = await Promise.all(urls.map((url) => attend(wish(url), signal)));
    expect(one?.engine).toBe(other?.engine);
    expect(one?.models.map(({ id }) => id)).toEqual(["a"]);
  } finally {
    await fake.close();
  }
});
