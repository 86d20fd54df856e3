import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeRequest, FakeServer } from "../../src/testing/fake-openai-server.ts";
import { tinyPng } from "../files/tiny-files.ts";
import { councilServer, KEY, massgen, type Ran, type Surroundings, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
let server: FakeServer;

beforeAll(async () => {
  server = await councilServer();
});
afterAll(async () => {
  await server.close();
  place.remove();
});

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(place.folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A config whose agents are named like their models; those among `accepts` can be sent what stands there. */
function config(accepts: Readonly<Record<string, string>>, more = ""): string {
  const seats = ["one", "two", "three"].map(
    (name) =>
      `  - id: ${name}\n    backend: { type: chatcompletion, model: ${name}, base_url: "${server.baseUrl}", api_key: "${KEY}"${accepts[name] === undefined ? "" : `, accepts: ${accepts[name]}`} }\n`,
  );
  return place.write(`council-${Object.values(accepts).join("-").replaceAll(/\W/gu, "")}.yaml`, `agents:\n${seats.join("")}${more}`);
}

function run(argv: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<Ran> {
  return massgen(argv, { home, ...surroundings });
}

/** What the user's messages of a model hold, part by part. */
function partsSentTo(model: string, requests: readonly FakeRequest[]): readonly (readonly Record<string, unknown>[])[] {
  const asked = requests.filter(({ body }) => body.model === model);
  return asked.map(({ body }) =>
    body.messages
      .filter(({ role }) => role === "user")
      .flatMap(({ content }) => (typeof content === "string" ? [{ type: "text", text: content }] : (content as Record<string, unknown>[]))),
  );
}

describe("an image that goes with a question", () => {
  test("is sent to models that can take it, as a data URL before the text, in drafts and ballots alike; to others goes a note", async () => {
    const png = tinyPng();
    const before = server.requests.length;
    const ran = await run(["--config", config({ one: "image", two: "[image, pdf]" }), "--image", file("chart.png", png), "What is it?"]);
    expect(ran.code).toBe(0);
    const requests = server.requests.slice(before);
    const url = `data:image/png;base64,${png.toString("base64")}`;
    for (const parts of [...partsSentTo("one", requests), ...partsSentTo("two", requests)]) {
      expect(parts[0]).toEqual({ type: "image_url", image_url: { url } });
      expect(parts[1]).toMatchObject({ type: "text", text: expect.stringContaining("What is it?") as string });
      expect(parts).toHaveLength(2);
    }
    expect(partsSentTo("three", requests).length).toBeGreaterThan(1);
    for (const [part, ...others] of partsSentTo("three", requests)) {
      expect(others).toEqual([]);
      expect(part?.["text"]).toContain(`[The user attached "chart.png" here: an image, ${png.length} bytes. You cannot see it.`);
    }
    expect(ran.stderr).toContain(
      "three (chatcompletion/three) reads no images: in place of chart.png there is a note that it was attached",
    );
  });
});
