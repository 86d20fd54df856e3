import { describe, expect, test } from "vitest";
import { examineConfig } from "./load-config.ts";
import { shownConfig } from "./shown-config.ts";

function read(text: string) {
  const examined = examineConfig({ files: [{ title: "config file", path: "later.yaml", text }] }, {}, { needsAgents: true, isCheck: true });
  return { ...examined, told: examined.remarks.map(({ level, sentence, place }) => `${place.line} ${level}: ${sentence}`) };
}

const ignored = (line: number, what: string): string => `${line} warning: ${what} is a setting of a later MassGen and ignored.`;

test("a file with workspaces, planning and answers that are counted", () => {
  const { config, told } = read(`
agents:
  - id: "reader"
    system_message: "You read."
    backend:
      type: "gemini"
      model: "gemini-2.5-flash"
      custom_tools:
        - name: ["sum"]
          path: "tools/sum.py"
      use_multi_mcp: true
      enable_mcp_command_line: true
      command_line_execution_mode: "docker"
      command_line_docker_some_new_knob: 3
      exclude_file_operation_mcps: true
  - id: "writer"
    subtask: "the second half"
    subagent_agents: [{id: x}]
    backend: {type: "openai", model: "gpt-5-mini", hooks: {}, nlip: {}}
orchestrator:
  snapshot_storage: "snapshots"
  agent_temporary_workspace: "temp"
  session_storage: "sessions"
  context_paths: [{path: "\${NOWHERE}/src", permission: "read"}]
  voting_sensitivity: "balanced"
  answer_novelty_requirement: "lenient"
  max_new_answers_per_agent: 5
  max_new_answers_global: 8
  coordination:
    enable_planning_mode: true
    max_orchestration_restarts: 2
    planning_mode_instruction: |
      Plan only.
ui: {display_type: "rich_terminal", logging_enabled: true, automation_mode: true}
`);
  expect(config?.agents).toMatchObject([
    { id: "reader", system_message: "You read.", backend: { type: "gemini", model: "gemini-2.5-flash" } },
    { id: "writer", backend: { type: "openai", model: "gpt-5-mini" } },
  ]);
  expect(config?.agents.map(({ backend }) => backend.extra_body)).toEqual([undefined, undefined]);
  expect(config?.settings.bounds.answersPerAgent).toBe(5);
  expect(told).toEqual([
    ignored(8, 'custom_tools of agent "reader"'),
    ignored(11, 'use_multi_mcp of agent "reader"'),
    ignored(12, 'enable_mcp_command_line of agent "reader"'),
    ignored(13, 'command_line_execution_mode of agent "reader"'),
    ignored(14, 'command_line_docker_some_new_knob of agent "reader"'),
    ignored(15, 'exclude_file_operation_mcps of agent "reader"'),
    ignored(17, 'subtask of agent "writer"'),
    ignored(18, 'subagent_agents of agent "writer"'),
    ignored(19, 'hooks of agent "writer"'),
    ignored(19, 'nlip of agent "writer"'),
    ...["snapshot_storage", "agent_temporary_workspace", "session_storage", "context_paths", "voting_sensitivity"].map((key, at) =>
      ignored(21 + at, `${key} of orchestrator`),
    ),
    ignored(26, "answer_novelty_requirement of orchestrator"),
    ignored(28, "max_new_answers_global of orchestrator"),
    ignored(29, "coordination of orchestrator"),
    ignored(34, "automation_mode of ui"),
  ]);
});

test("a file with memory, tools and an orchestration is not taken for slips of the pen", () => {
  const { config, told } = read(`
agents:
  - id: a
    persistent_memory: {enabled: true, llm: {model: m}}
    backend: {type: claude, model: claude-sonnet-4-5}
memory: {enabled: true}
tools: {filesystem: {enabled: true}}
orchestration: {max_rounds: 5}
filesystem_memory: {}
timeout_settings:
  orchestrator_timeout_seconds: 400
  agent_timeout_seconds: 60
  initial_round_timeout_seconds: 30
ui: {display_type: textual_terminal}
`);
  expect(told).toEqual([
    ignored(4, 'persistent_memory of agent "a"'),
    ignored(6, "memory"),
    ignored(7, "tools"),
    ignored(8, "orchestration"),
    ignored(9, "filesystem_memory"),
    ignored(13, "initial_round_timeout_seconds of timeout_settings"),
    "14 warning: The display textual_terminal is one of a later MassGen; rich_terminal takes its place.",
  ]);
  expect(config?.settings.bounds).toMatchObject({ runMs: 400_000, agentMs: 60_000 });
  expect(config?.ui.display_type).toBe("rich_terminal");
});

test("times may stand in the orchestrator, and a persona in the backend", () => {
  const { config, told } = read(`
agent:
  id: a
  backend: {type: vllm, model: m, system_message: "You are brief.", chat_template_kwargs: {enable_thinking: true}}
orchestrator: {timeout: {orchestrator_timeout_seconds: 1800}}
`);
  expect(told).toEqual(["4 note: system_message of backend is read as that of the agent."]);
  expect(config && shownConfig(config).agents).toMatchObject([
    {
      id: "a",
      type: "vllm",
      model: "m",
      system_message: "You are brief.",
      backend: { extra_body: { chat_template_kwargs: { enable_thinking: true } } },
    },
  ]);
  expect(config?.settings.bounds.runMs).toBe(1_800_000);
  expect(read("agent: {system_message: x, backend: {type: vllm, system_message: y}}").told).toEqual([
    "1 warning: system_message of backend is ignored: the agent has its own.",
  ]);
});

describe("both spellings of one thing are one too many", () => {
  test.each([
    ["ui: {type: simple, display_type: simple}", "ui.type and ui.display_type are both there; they mean the same."],
    ["ui: {}\ndisplay: {}", "display and ui are both there; they mean the same."],
    ["orchestrator: {max_answers: 1, max_new_answers_per_agent: 2}", "orchestrator.max_new_answers_per_agent and orchestrator.max_answers"],
    [
      "orchestrator: {timeout: 5}\ntimeout_settings: {orchestrator_timeout_seconds: 5}",
      "timeout_settings.orchestrator_timeout_seconds and",
    ],
  ])("%s", (text, message) => {
    const { config, told } = read(`agent: {backend: {type: ollama}}\n${text}`);
    expect(config).toBeUndefined();
    expect(told.join("\n")).toContain(message);
  });
});

test("of search and MCP servers, which Gemini does not take together, the servers stay", () => {
  const { config, told } = read(`
agents:
  - id: planner
    backend:
      type: gemini
      model: gemini-2.5-flash
      enable_web_search: true
      enable_code_execution: true
      mcp_servers: {notion: {type: stdio, command: npx, args: ["-y", "notion"]}}
  - id: other
    backend: {type: gemini, model: gemini-2.5-flash, enable_web_search: true}
`);
  const left = (line: number, key: string) =>
    `${line} warning: ${key} of agent "planner" is left out: gemini takes either its own tools or those of mcp_servers in one request.`;
  expect(told).toEqual([left(7, "enable_web_search"), left(8, "enable_code_execution")]);
  expect(config?.agents).toMatchObject([
    { backend: { enable_web_search: false, enable_code_execution: false }, mcp_servers: [{ name: "notion" }] },
    { backend: { enable_web_search: true } },
  ]);
});

describe("the list of an agent may name MCP servers that stand at the top", () => {
  const servers = "mcp_servers:\n  files: {command: npx files}\n  notes: {command: npx notes}\n  old: {command: npx old, disabled: true}";
  const named = (list: string) => read(`agent: {id: a, backend: {type: ollama}, mcp_servers: ${list}}\n${servers}`);

  test.each([
    ["[notes]", ["notes"]],
    ["[old, files, {name: own, command: npx own}]", ["files", "own"]],
    ["[{name: own, command: npx own}]", ["own", "files", "notes"]],
    ["{files: {command: npx mine, disabled: true}}", ["notes"]],
  ])("%s", (list, names) => {
    const { config, told } = named(list);
    expect(told).toEqual([]);
    expect(config?.agents[0]?.mcp_servers?.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ["[nots]", 'names "nots", which mcp_servers at the top of the file does not have (did you mean "notes"?).'],
    ["[browser]", 'names "browser", which mcp_servers at the top of the file does not have; there are files, notes, old.'],
  ])("but not others: %s", (list, sentence) => {
    expect(named(list).told.join("\n")).toContain(sentence);
  });

  test("nor any where there are none", () => {
    const { told } = read("agent: {id: a, backend: {type: ollama}, mcp_servers: [notes]}");
    expect(told).toEqual(['1 error: mcp_servers of agent "a" names "notes", which mcp_servers at the top of the file does not have.']);
  });
});
