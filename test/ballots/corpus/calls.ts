import { group, type Came, type Entry } from "./entry.ts";

const ballot = '{"reason":"It is complete.","choice":"B"}';
const json = `{"name":"ballot","arguments":${ballot}}`;
const made = (input: string, more: { readonly id?: string; readonly name?: string } = {}): Came => ({
  calls: [{ id: "c1", input, ...more }],
});

/** Calls that engines passed on as calls. */
const native: readonly Entry[] = group(
  { format: "native call", source: "reconstructed engines' ways to pass on arguments", rung: "tool" },
  [
    [made(ballot), "B"],
    [{ ...made(ballot), finish: "stop" }, "B"],
    [made(JSON.stringify(ballot)), "B"],
    [made(`[${ballot}]`), "B"],
    [made(ballot, { id: "" }), "B"],
    [made(ballot, { name: "" }), "B"],
    [made(ballot, { name: "functions.ballot" }), "B"],
    [made(ballot, { name: "ballot<|channel|>commentary" }), "B"],
    [made(`{"arguments":${ballot}}`), "B"],
    [made("{'reason': 'x', 'choice': 'B'}"), "B"],
    [made(""), "no-choice"],
    [{ ...made(""), text: "CHOICE: B" }, "B"],
    [{ ...made(ballot), text: "I will now vote for answer A." }, "B"],
    [{ ...made('{"reason":"x","choi'), finish: "length" }, "no-choice"],
    [made(ballot, { name: "web_search" }), "unknown-tool"],
    [
      {
        calls: [
          { id: "1", input: ballot },
          { id: "2", input: ballot },
        ],
      },
      "several-choices",
    ],
    [
      {
        calls: [
          { id: "1", input: ballot },
          { id: "1", input: '{"choice":"A"}' },
        ],
      },
      "several-choices",
    ],
    [
      {
        calls: Array.from({ length: 40 }, (_, index) => ({
          id: `${index}`,
          input: index % 2 === 0 ? ballot : '{"choice":"B","reason":"It is complete."}',
        })),
      },
      "no-choice",
    ],
  ],
);

const xml = (open: string, close: string, parameter: (name: string, value: string) => string): string =>
  `${open}${parameter("reason", "It is complete.")}${parameter("choice", "B")}${close}`;
const equals = (name: string, value: string): string => `<parameter=${name}>\n${value}\n</parameter>\n`;
const named = (name: string, value: string): string => `<parameter name="${name}">${value}</parameter>\n`;
const dsml = (name: string, value: string): string => `<｜DSML｜parameter name="${name}" string="true">${value}</｜DSML｜parameter>\n`;
const glm = (name: string, value: string): string => `<arg_key>${name}</arg_key>\n<arg_value>${value}</arg_value>\n`;

/** Each way of writing a call is read on the rung that offers the tool and on the one that does not. */
const framings: readonly (readonly [format: string, source: string, texts: readonly (string | Came)[]])[] = [
  [
    "<tool_call>",
    "Qwen 2.5, Qwen 3, Hermes 2 and 3",
    [
      `<tool_call>\n${json}\n</tool_call>`,
      `Let me vote for A... no.\n<tool_call>${json}`,
      `<tool_call>{'name': 'ballot', 'arguments': {'choice': 'B'}}</tool_call>`,
    ],
  ],
  ["<tools>", "qwen2.5-coder-7b on LM Studio", [`<tools>\n${json}\n</tools>`, `<tools>[${json}]</tools>`, `<tools>${json}`]],
  [
    "<function-call>",
    "deepseek-r1-distill-qwen-7b on LM Studio",
    [`<function-call>\n${json}\n</function-call>`, `<function_call>${json}</function_call>`, `<function-call>${json}`],
  ],
  [
    "<function=…>",
    "Llama 3.1, Functionary, Qwen3-Coder",
    [
      `<function=ballot>${ballot}</function>`,
      xml("<function=ballot>\n", "</function>", equals),
      xml("<tool_call>\n<function=ballot>\n", "</function>\n</tool_call>", equals),
      "<function=ballot><parameter=choice>B",
    ],
  ],
  [
    "[TOOL_REQUEST]",
    "LM Studio's own default",
    [`[TOOL_REQUEST]${json}[END_TOOL_REQUEST]`, `[TOOL_REQUEST]\n${json}\n[END_TOOL_REQUEST]\n`, `[TOOL_REQUEST]${json}`],
  ],
  [
    "[TOOL_CALLS]",
    "Mistral 7B, Small 3.2, Devstral, Ministral",
    [
      `[TOOL_CALLS][${json}]`,
      `[TOOL_CALLS] [{"name": "ballot", "arguments": ${ballot}, "id": "VvvODy9mT"}]`,
      `[TOOL_CALLS]ballot${ballot}`,
      `[TOOL_CALLS]ballot[ARGS]${ballot}`,
      `[TOOL_CALLS]ballot[CALL_ID]VvvODy9mT[ARGS]${ballot}`,
    ],
  ],
  [
    "fenced call",
    "Llama 3, Phi 3",
    [
      `\`\`\`json\n${json}\n\`\`\``,
      `\`\`\`tool_call\n${json}\n\`\`\``,
      `Action:\n\`\`\`json\n[\n    {\n        "tool_name": "ballot",\n        "parameters": ${ballot}\n    }\n]\n\`\`\``,
    ],
  ],
  [
    "bare call",
    "Llama 3.2, Granite 3",
    [
      json,
      `{"function":"ballot","arguments":${ballot}}`,
      `{"name":"ballot","parameters":${ballot}}`,
      `{"type":"function","name":"ballot","parameters":${ballot}}`,
      `{"type":"function","function":{"name":"ballot","arguments":${JSON.stringify(ballot)}}}`,
      `{"tool_calls":[${json}]}`,
    ],
  ],
  [
    "<|python_tag|>",
    "Llama 3.1 and 3.3",
    [
      `<|python_tag|>${json}<|eom_id|>`,
      `<|python_tag|>{"type": "function", "name": "ballot", "parameters": ${ballot}}`,
      `<|python_tag|>ballot.call(reason="It is complete.", choice="B")<|eom_id|>`,
    ],
  ],
  [
    "pythonic",
    "Llama 3.2 and 4, LFM2, Gemma 3, Olmo 3",
    [
      '[ballot(reason="It is complete.", choice="B")]',
      "<|tool_call_start|>[ballot(reason='A isn\\'t, B is', choice='B')]<|tool_call_end|>",
      '```tool_code\nprint(default_api.ballot(reason="x", choice="B"))\n```',
      'ballot({"reason":"x","choice":"B"})',
    ],
  ],
  [
    "GLM",
    "GLM 4.5 and 4.6",
    [
      xml("<tool_call>ballot\n", "</tool_call>", glm),
      "<tool_call>ballot\n<arg_key>choice</arg_key>\n<arg_value>B</arg_value></tool_call>",
      xml(
        "\n<tool_call>ballot<",
        "</tool_call>",
        (name, value) => `${name === "reason" ? "" : "<"}arg_key>${name}</arg_key><arg_value>${value}</arg_value>`,
      ),
    ],
  ],
  [
    "Kimi",
    "Kimi K2",
    [
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.ballot:0<|tool_call_argument_begin|>${ballot}<|tool_call_end|><|tool_calls_section_end|>`,
      `<|tool_call_begin|>functions.ballot:0<|tool_call_argument_begin|>${ballot}<|tool_call_end|>`,
      `<|tool_call_begin|>ballot:12<|tool_call_argument_begin|>${ballot}`,
    ],
  ],
  [
    "DeepSeek",
    "DeepSeek R1, V3, V3.1, V3.2",
    [
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>ballot\n\`\`\`json\n${ballot}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>ballot<｜tool▁sep｜>${ballot}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
      xml('<｜DSML｜function_calls>\n<｜DSML｜invoke name="ballot">\n', "</｜DSML｜invoke>\n</｜DSML｜function_calls>", dsml),
    ],
  ],
  [
    "Functionary",
    "Functionary 3.1 and 3.2",
    [`>>>ballot\n${ballot}`, `>>>all\nI compared them.>>>ballot\n${ballot}`, `<function=ballot>${ballot}</function>`],
  ],
  [
    "<|tool_call|>",
    "Granite 3.x, Phi 4 mini, Gemma 4",
    [
      `<|tool_call|>[${json}]`,
      `<|tool_call|>[{"name": "ballot", "arguments": ${ballot}}]<|/tool_call|>`,
      '<|tool_call>call:ballot{reason:<|"|>It is complete.<|"|>,choice:<|"|>B<|"|>}<tool_call|>',
      `<tool_call>[${json}]`,
    ],
  ],
  [
    "<invoke>",
    "MiniMax M2, Claude's habit, MiniCPM 5, Muse",
    [
      xml('<minimax:tool_call>\n<invoke name="ballot">\n', "</invoke>\n</minimax:tool_call>", named),
      '<minimax:tool_call><invoke name="ballot"><parameter name="choice">B',
      xml(
        '<atem:function_calls>\n<atem:invoke name="ballot">\n',
        "</atem:invoke></atem:function_calls>",
        (name, value) => `<atem:parameter name="${name}">${value}</atem:parameter>\n`,
      ),
      xml('<function name="ballot">', "</function>", (name, value) => `<param name="${name}"><![CDATA[${value}]]></param>`),
    ],
  ],
  [
    "harmony",
    "gpt-oss 20b and 120b",
    [
      `<|channel|>commentary to=functions.ballot <|constrain|>json<|message|>${ballot}<|call|>`,
      `<|channel|>analysis<|message|>A is short {"choice":"A"}<|end|><|start|>assistant<|channel|>commentary to=functions.ballot <|constrain|>json<|message|>${ballot}<|call|>`,
      `<|start|>assistant to=functions.ballot<|channel|>commentary json<|message|>${ballot}`,
      `analysisWe compare. A is short.assistantcommentary to=functions.ballot json${ballot}`,
    ],
  ],
  [
    "other markers",
    "Seed-OSS, Command R7B, Nemotron, GigaChat, Apriel, MiniMax M1",
    [
      xml("<seed:tool_call>\n<function=ballot>\n", "</function>\n</seed:tool_call>", equals),
      `<|START_THINKING|>A is short.<|END_THINKING|><|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "ballot", "parameters": ${ballot}}\n]<|END_ACTION|>`,
      `<TOOLCALL>[${json}]</TOOLCALL>`,
      `<|function_call|>${json}`,
      `Here are my reasoning steps:\nA is short.\n[BEGIN FINAL RESPONSE]\n<tool_calls>[${json}]</tool_calls>\n[END FINAL RESPONSE]`,
      `<tool_calls>\n${json}\n</tool_calls>`,
      "<ballot><reason>It is complete.</reason><choice>B</choice></ballot>",
    ],
  ],
];

const refused: readonly Entry[] = [
  ...group({ format: "text call refused", source: "reconstructed weak models", rung: "tool" }, [
    [`<tool_call>${json}</tool_call><tool_call>${json}</tool_call>`, "several-choices"],
    [`<tool_call>${json}</tool_call><tool_call>${json.replace('"B"', '"A"')}</tool_call>`, "several-choices"],
    [`<tool_call>${json}</tool_call>\n`.repeat(12), "no-choice"],
    ['<tool_call>{"name":"web_search","arguments":{"query":"B"}}</tool_call>', "no-choice"],
    ['<tool_call>{"name":"rate","arguments":{"answer":"A","score":2}}</tool_call>', "no-choice"],
    ['<tool_call>{"name":"ballot","arguments":{"reason":"x"}}</tool_call>', "no-choice"],
    [
      '{"type":"function","function":{"name":"ballot","parameters":{"type":"object","properties":{"reason":{"type":"string"},"choice":{"type":"string","enum":["A","B"]}}}}}',
      "no-choice",
    ],
    ['<tool_call>{"name":"ballot","arguments":{"choice":"A","choice":"B"}}</tool_call>', "several-choices"],
    [{ text: '<tool_call>{"name":"ballot","arguments":{"reason":"it is the', finish: "length" }, "no-choice"],
    ['[ballot(reason="x", choice="A or B")]', "unknown-label"],
    ["I would call ballot(A) or ballot(B).", "no-choice"],
  ]),
];

export const calls: readonly Entry[] = [
  ...native,
  ...framings.flatMap(([format, models, texts]) =>
    (["tool", "text"] as const).flatMap((rung) =>
      group(
        { format, source: `reconstructed ${models}`, rung },
        texts.map((came) => [came, "B"] as const),
      ),
    ),
  ),
  ...refused,
];
