import * as fc from "fast-check";

/** One answer of a server, whatever was asked. */
export interface Odd {
  readonly status: number;
  /** Of its content; empty for none. */
  readonly type: string;
  readonly body: string;
  /** Characters after which the connection breaks. */
  readonly cutAt?: number | undefined;
  /** Whether it repeats the key it was sent. */
  readonly echoesKey?: boolean;
}

const statuses = [200, 200, 200, 200, 200, 200, 204, 206, 302, 400, 401, 403, 404, 418, 422, 429, 500, 502, 503, 529];
const types = ["application/json", "application/json", "text/event-stream", "application/x-ndjson", "text/html", "text/plain", "", "x"];
/** As text, since JSON itself knows neither NaN nor numbers of this size. */
const oddValues = [
  "-1",
  "0",
  "1e999",
  "-1e999",
  "NaN",
  "1e308",
  "0.5",
  "9007199254740993",
  "null",
  "[]",
  "{}",
  '""',
  '"x"',
  "true",
  "[null]",
  '"4096"',
];
const whole = [
  "",
  "<!doctype html><html><title>Log in</title></html>",
  "\u0000\u0001\uFFFD",
  "null",
  "[]",
  "{",
  "data: [DONE]\n\n",
  '{"error":null}',
  '{"error":"x"}',
];

/** Answers made of pieces of real ones: cut, doubled, shuffled, and with any value in place of another. */
export function oddAnswers(pages: readonly string[]): fc.Arbitrary<Odd> {
  const page = fc.constantFrom(...pages.filter((each) => each !== ""));
  return fc.record(
    {
      status: fc.constantFrom(...statuses),
      type: fc.constantFrom(...types),
      body: fc.oneof(
        { arbitrary: page.chain(withOddValues), weight: 5 },
        { arbitrary: page.chain(cut), weight: 1 },
        { arbitrary: fc.tuple(page, page).chain(([one, other]) => shuffled(`${one}\n\n${other}`)), weight: 2 },
        { arbitrary: page.map((each) => each + each), weight: 1 },
        { arbitrary: fc.constantFrom(...whole), weight: 1 },
      ),
      cutAt: fc.option(fc.nat(400), { freq: 8, nil: undefined }),
      echoesKey: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    },
    { requiredKeys: ["status", "type", "body"] },
  );
}

/** Where in a text, from 0 to below 1, and what stands there instead. */
export type Change = readonly [where: number, instead: string];

export const oddChanges: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.tuple(fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.constantFrom(...oddValues)),
  { maxLength: 8 },
);

function withOddValues(page: string): fc.Arbitrary<string> {
  return oddChanges.map((changes) => changed(page, changes));
}

/** Some values of a document or of a stream's documents replaced. */
export function changed(page: string, changes: readonly Change[]): string {
  const values = [...page.matchAll(/(?<=":\s*)(?:-?\d[\d.eE+-]*|"(?:[^"\\]|\\.)*"|true|false|null|\[\]|\{\})/gu)];
  const byPlace = new Map(changes.map(([where, instead]) => [Math.floor(where * values.length), instead]));
  let text = "";
  let from = 0;
  values.forEach((value, place) => {
    text += page.slice(from, value.index) + (byPlace.get(place) ?? value[0]);
    from = value.index + value[0].length;
  });
  return text + page.slice(from);
}

function cut(page: string): fc.Arbitrary<string> {
  return fc.nat(page.length).map((at) => page.slice(0, at));
}

function shuffled(page: string): fc.Arbitrary<string> {
  const parts = page.split("\n\n").slice(0, 30);
  return fc.shuffledSubarray(parts, { minLength: 1 }).map((some) => some.join("\n\n"));
}
