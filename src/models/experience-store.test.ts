import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExperienceStore, experienceKey, memoryExperiences } from "./experience-store.ts";
import { rememberedRungs } from "./remembered-rungs.ts";

const DAY = 24 * 3_600_000;
const key = experienceKey("llamacpp", "http://127.0.0.1:8080", "smol");

let folder = "";
let path = "";
let now = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-experience-"));
  path = join(folder, "data", "experience.json");
  now = Date.UTC(2030, 0, 1);
});
afterEach(() => rmSync(folder, { recursive: true }));

const store = (): ReturnType<typeof createExperienceStore> => createExperienceStore(path, () => now);

describe("experience kept across runs", () => {
  it("is there in the next process, for this model and no other", () => {
    store()(key).learn({ promptPerSecond: 100, tokensPerSecond: 10, loadMs: 5, rung: "text", thinks: true });
    expect(store()(key).learned).toEqual({ promptPerSecond: 100, tokensPerSecond: 10, loadMs: 5, rung: "text", thinks: true });
    expect(store()(experienceKey("vllm", "http://127.0.0.1:8080", "smol")).learned).toEqual({});
    expect(readdirSync(join(folder, "data"))).toEqual(["experience.json"]);
  });

  it("is one for all agents of a model", () => {
    for (const experiences of [store(), memoryExperiences()]) {
      experiences(key).learn({ thinks: true });
      expect(experiences(key).learned).toEqual({ thinks: true });
    }
  });

  it("a model begins where its ballots could be read, and after a week with the best again", () => {
    store()(key).learn({ rung: "text" });
    now += 6 * DAY;
    const second = store()(key);
    expect(rememberedRungs(["schema", "tool", "text"], second)).toEqual(["text"]);
    second.learn({ rung: "text" });
    now += 2 * DAY;
    const third = store()(key);
    expect(rememberedRungs(["schema", "tool", "text"], third)).toEqual(["schema", "tool", "text"]);
    third.learn({ rung: "tool" });
    expect(rememberedRungs(["schema", "tool", "text"], store()(key))).toEqual(["tool", "text"]);
    expect(rememberedRungs(["schema"], store()(key))).toEqual(["schema"]);
  });

  it("is forgotten after 90 days without a call", () => {
    store()(key).learn({ tokensPerSecond: 10 });
    now += 91 * DAY;
    expect(store()(key).learned).toEqual({});
  });

  it("keeps the newest of too many models", () => {
    const experiences = store();
    for (let index = 0; index < 310; index += 1) {
      now += 1;
      experiences(`model ${index}`).learn({ tokensPerSecond: 1 });
    }
    const kept = Object.keys(JSON.parse(readFileSync(path, "utf8")) as object);
    expect(kept).toHaveLength(300);
    expect(kept).toContain("model 309");
    expect(kept).not.toContain("model 0");
  });

  it("two processes that learn by turns keep what both have learned", () => {
    const [one, other] = [store(), store()];
    const [first, second] = [one("first"), other("second")];
    first.learn({ tokensPerSecond: 1 });
    second.learn({ tokensPerSecond: 2 });
    first.learn({ loadMs: 3 });
    expect(store()("first").learned).toEqual({ tokensPerSecond: 1, loadMs: 3 });
    expect(store()("second").learned).toEqual({ tokensPerSecond: 2 });
  });

  it.each(["", "{", "[]", "null", '"x"', '{"a":1,"KEY":{"at":"yesterday"}}', '{"KEY":{"at":1e99,"rung":"tarot"}}'])(
    "a damaged file is as if there were none: %s",
    (damaged) => {
      store()(key).learn({ thinks: true });
      writeFileSync(path, damaged.replace("KEY", key));
      const experience = store()(key);
      expect(experience.learned).toEqual({});
      experience.learn({ loadMs: 7 });
      expect(store()(key).learned).toEqual({ loadMs: 7 });
    },
  );

  it("a file that cannot be written costs nothing but the memory", () => {
    writeFileSync(join(folder, "data"), "a file where a folder should be");
    const experience = store()(key);
    experience.learn({ loadMs: 7 });
    expect(experience.learned).toEqual({ loadMs: 7 });
    expect(store()(key).learned).toEqual({});
  });
});
