import { group, type Entry } from "./entry.ts";

/** From `../shared/fixtures/engines`, word for word (SmolLM2-135M; the names of its fields were those of the request then). */
const abc = { labels: ["A", "B", "C"] };
const call = (input: string): { readonly calls: readonly { readonly id: string; readonly input: string }[] } => ({
  calls: [{ id: "1", input }],
});

export const recorded: readonly Entry[] = [
  ...group({ ...abc, format: "schema JSON", source: "recorded llamacpp/json_schema_ballot", rung: "schema" }, [
    ['{\n  "answer": "C",\n"reason": "B"\n}', "C"],
    ['{\n  "answer"\n\n:\n\n"A", "reason"\n\n:\n\n"A"\n\n}', "A"],
    ['{\n  "answer": "C","reason": "C"\n}', "C"],
  ]),
  ...group({ ...abc, format: "schema JSON", source: "recorded ollama/chat_format_schema", rung: "schema" }, [
    ['{\n  "answer": "C"\n,\n"reason": "B"\n}', "C"],
    ['{\n  "answer":\n    "A"\n\n,"reason":\n  "C\'est la vie en lumière"\n}', "A"],
  ]),
  ...group({ ...abc, format: "schema JSON", source: "recorded vllm/json_schema_ballot", rung: "schema" }, [
    ['{\n\n"answer": "B"\n\n,\n\n"reason": "B"\n\n}', "B"],
    [
      '{\n  "answer": "C"\n\n,\n\n"reason": "You can\'t have a weather forecast in celsius, but you can have a weather app in celsius."\n\n}',
      "C",
    ],
    [{ text: '{\n\n"an', finish: "length" }, "no-choice"],
  ]),
  ...group({ ...abc, format: "bare label", source: "recorded vllm/structured_choice, guided_choice_old" }, [
    ["A", "A"],
    ["A, B, C.", "no-choice"],
  ]),
  ...group({ ...abc, format: "native call", source: "recorded llamacpp and vllm hermes_fewshot_vote", rung: "tool" }, [
    [call('{"answer": "B", "reason": "It is correct."}'), "B"],
    [call('{"answer": "A", "reason": "It is correct."}'), "A"],
    [call('{"answer": "A", "reason": "yes"}'), "A"],
    [{ ...call('{"answer": "B", "reason": "It is correct."}'), finish: "stop" }, "B"],
  ]),
  ...group({ ...abc, format: "native call", source: "recorded vllm not strict: an echo, a list, a bare text", rung: "tool" }, [
    [call('{"type": "string", "enum": ["A", "B", "C"]}'), "no-choice"],
    [call('{"type": "string", "maxLength": 10}'), "no-choice"],
    [call('[{"name": "vote", "description": "Paris, France"}, {"name": "vote", "description": "Ciècie des Rêves"}]'), "no-choice"],
    [call('"Celsius"'), "no-choice"],
    [{ calls: [{ id: "1", name: "vote", input: '{"answer": "B", "reason": "It is correct."}' }] }, "unknown-tool"],
    [{ calls: [{ id: "1", name: "get_weather", input: '{"city": "Paris", "unit": "c"}' }] }, "unknown-tool"],
  ]),
  ...group({ ...abc, format: "refused prose", source: "recorded llamacpp hermes_cold, tools", rung: "tool" }, [
    ["The function is not water wet. A yes B no C maybe.", "no-choice"],
    [{ text: "<tool_c", finish: "length" }, "no-choice"],
    ["<tool_response>\nrecorded\n</tool_response>", "no-choice"],
    ["<tool_response>\n20 C\n</tool_response>", "no-choice"],
    ["Paris, France, is approximately 21.2°C (41.1°F).", "no-choice"],
    ["Paris, France, is approximately 21.1°C (41.0°F) in Celsius.", "no-choice"],
    [{ text: "Hello! I'm here to help with your project. What can I assist you", finish: "length" }, "no-choice"],
    [{ text: "The weather in Paris in Celsius is:\n\n```\n", finish: "length" }, "no-choice"],
    [
      {
        text: 'The weather in Paris in Celsius is:\n\n```\n{\n  "type": "function",\n  "function": {\n    "name": "get_weather",\n    "description": "Get the current weather in Paris',
        finish: "length",
      },
      "no-choice",
    ],
    [
      {
        text: '{\n    "answer": {\n        "type": "json",\n        "data": {\n            "type": "json",\n            "data": {\n',
        finish: "length",
      },
      "no-choice",
    ],
    [{ text: '{\n  "B": 1,\n  "C": 2,\n"A": 3,\n"E": 4,\n"F": 5,\n"G": 6,', finish: "length" }, "no-choice"],
    ["I'm so glad you're here, I'm just a little chatty and friendly. What brings you to my neck", "no-choice"],
    [{ text: "", calls: [{ id: "1", name: "ballot", input: "{}" }] }, "no-choice"],
  ]),
];
