import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FakeEngine, FakeEngineRequest } from "../../src/testing/fake-engines/fake-engine.ts";
import { eventsOf, massgen, type Ran, workplace } from "../cli/massgen.ts";
import { tinyPng } from "../files/tiny-files.ts";
import { fakeEngines } from "./fake-engines.ts";

const place = workplace();
const home = join(place.folder, "home");
afterAll(() => place.remove());

const png = tinyPng(64, 64);
const image = join(place.folder, "chart.png");
writeFileSync(image, png);
const base64 = png.toString("base64");
const environment = { MASSGEN_ENGINES: "" };

const engines = Object.entries(fakeEngines);

/** vLLM does not tell what sees, so its model has a name that does. */
const SEES = "qwen2.5-vl-3b";

async function ask(type: string, engine: FakeEngine, model: string, more = ""): Promise<Ran> {
  const backend = `{ type: ${type}, base_url: "${engine.origin}", model: ${model}${more} }`;
  const config = place.write(`${type}-${model}.yaml`, `agents:\n  - { id: a, backend: ${backend} }\n  - { id: b, backend: ${backend} }\n`);
  return massgen(["--config", config, "--json", "--image", image, "What is it?"], { home, environment });
}

/** The image in the last of a request's messages as the engine of that type is given it. */
function imageIn(type: string, { messages }: FakeEngineRequest["body"]): unknown {
  const last = messages.at(-1) as { readonly content: unknown; readonly images?: readonly unknown[] };
  return type === "ollama" ? last.images?.[0] : (last.content as readonly unknown[])[0];
}

/** Without what massgen asks a vLLM to find out how it was started, which costs no token. */
function asked({ requests }: FakeEngine): readonly FakeEngineRequest[] {
  return requests.filter(({ body }) => body.max_tokens !== 0);
}

describe.each(engines)("an image on %s", (type, startFake) => {
  test("is sent to a model that sees, in every prompt, and what it takes there is held against nobody", async () => {
    const engine = await startFake({ models: [{ id: SEES, vision: true, loaded: true }] });
    const ran = await ask(type, engine, SEES);
    await engine.close();
    expect(ran.code).toBe(0);
    expect(asked(engine).length).toBeGreaterThan(2);
    const wired = type === "ollama" ? base64 : { type: "image_url", image_url: { url: `data:image/png;base64,${base64}` } };
    for (const { body } of asked(engine)) expect(imageIn(type, body)).toEqual(wired);
    expect(eventsOf(ran).filter(({ type }) => type === "notice")).toEqual([]);
  });

  test("is refused before anything is sent where the model does not", async () => {
    const engine = await startFake({ models: [{ id: "blind", loaded: true }] });
    const ran = await ask(type, engine, "blind");
    await engine.close();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("No agent can be given the image chart.png");
    expect(asked(engine)).toEqual([]);
  });
});

test("a model that sees only by its config, and does not: one sentence that says what to do", async () => {
  const engine = await fakeEngines.llamacpp({ models: [{ id: "blind", loaded: true }] });
  const ran = await ask("llamacpp", engine, "blind", ", accepts: image");
  await engine.close();
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(
    /takes no images with this model \(500\); start it with the --mmproj of its model: image input is not supported/u,
  );
  expect(engine.requests.length).toBe(2);
});
