import { expect, test } from "vitest";
import { looseObjectAt, looseObjects, plainText } from "./loose-json.ts";

const read = (text: string): readonly string[] => looseObjects(text).map(({ value }) => plainText(value));

test.each([
  ['{"a":"b\\n\\u00e9","c":[1,true,null,{"d":-2.5}]}', '{"a":"b\\né","c":[1,true,null,{"d":-2.5}]}'],
  ["{'a': 'it's', b: c d, \"e\": None,}", '{"a":"it\'s","b":"c d","e":null}'],
  ['{"a": "says "b", then "c"", "d": 1}', '{"a":"says \\"b\\", then \\"c\\"","d":1}'],
  ["{“a”: “b”\n“c”: “d”}", '{"a":"b","c":"d"}'],
  ['{"a":["b", "c",],, "d":{"e":"f"', '{"a":["b","c"],"d":{"e":"f"}}'],
  ['{"a":"b","c":"d', '{"a":"b"}'],
  ['{"a":"b","c":d', '{"a":"b"}'],
  ['{"a":"b","c":["d"', '{"a":"b"}'],
  ["{}", "{}"],
])("%j is read as %s", (text, json) => expect(read(text)).toEqual([json]));

test("several objects are found between words, and what is none is passed over", () => {
  expect(read('The set {1, 2}: {"a":1} and {b: 2}, {like this} {"c"')).toEqual(['{"a":1}', '{"b":2}', "{}"]);
});

test("a field that comes twice is kept twice, and tells whether it was JSON as it should be", () => {
  const [found] = looseObjects('{"a":1,"a":2}');
  expect(found).toMatchObject({
    value: {
      fields: [
        ["a", 1],
        ["a", 2],
      ],
    },
    start: 0,
    end: 13,
    exact: true,
  });
  expect(looseObjects("{a: 1}")).toMatchObject([{ exact: false }]);
});

test("named arguments are an object too", () => {
  const { value, end } = looseObjectAt("f(reason='x', choice=\"B\") more", 1);
  expect([value?.fields, end]).toEqual([
    [
      ["reason", "x"],
      ["choice", "B"],
    ],
    25,
  ]);
});
