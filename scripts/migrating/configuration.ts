import { type Chapter, changed, fixed, same } from "./row.ts";

const fields = "migrating/fields";
const loading = "migrating/loading";
const claudeCode = (file: string): string => `models/backends/claude-code/${file}`;

export const configuration: readonly Chapter[] = [
  {
    title: "Finding and reading a file",
    rows: [
      same("the path as given", [loading, "the path as given"]),
      changed("a missing file whose base name is that of a shipped one", "The shipped equivalent is taken, and you are told so.", [
        loading,
        "a base name of 0.0.7 resolves to what is shipped",
      ]),
      same("`.yaml`, `.yml`, `.json`", [loading, "%s is read by its suffix"]),
      fixed("an empty file, `ui:` without a value", "CFG-1", "A sentence for the first, the defaults for the second.", [
        loading,
        "CFG-1: an empty file",
      ]),
      fixed(
        "keys nobody knows",
        "CFG-9",
        "Named with file, line and column: an error where they are near to a known one, else a warning.",
        [loading, "CFG-9: unknown keys"],
      ),
      fixed("`${VARIABLE}`", "CFG-9", "Filled in, with `${VARIABLE:-default}`; a variable that is not set is an error.", [
        loading,
        "CFG-9: variables",
      ]),
    ],
  },
  {
    title: "The file",
    rows: [
      same("`agent`", [loading, "agent, agents as a list, agents by id"]),
      same("`agents`", [loading, "agent, agents as a list, agents by id"], "A mapping by id works too."),
      changed("`agent` and `agents` together", "An error: `agent` won without a word.", [loading, "agent and agents together"]),
      fixed("`id`", "CFG-2", "Numbers become text, two that are equal are an error, `/` is no trouble.", [loading, "CFG-2: ids"]),
      fixed("`system_message`", "ORC-5", "Part of every prompt of its agent, not of the last alone.", [
        "behaviours/faults-of-0.0.7",
        "ORC-5",
      ]),
      same("`ui.display_type`", [loading, "display_type %s"], "`ui.type` and a section `display` are read as it, with a note."),
      same("`ui.logging_enabled`", [fields, "logging_enabled: false keeps nothing"]),
      same("`ui.use_orchestrator_for_single_agent`", [fields, "use_orchestrator_for_single_agent: false"]),
    ],
  },
  {
    title: "Fields of `backend`",
    rows: [
      same("`type`", [loading, "type %s"], "In any case, with hyphens or underscores."),
      same("`model`", [fields, "model"]),
      fixed("`api_key`", "BE-1", "Works for every backend, and reaches its own host and nothing else.", [fields, "BE-1: api_key of %s"]),
      fixed("`base_url`", "CFG-4", "Works for every HTTP backend.", [fields, "CFG-4: base_url of %s"]),
      same("`temperature`", [fields, "temperature"], "Left out, with a warning, for models that refuse it (CFG-7)."),
      same("`top_p`", [fields, "top_p"]),
      same("`max_tokens`", [fields, "max_tokens"]),
      same("`text.verbosity`", [fields, "text.verbosity"]),
      same("`reasoning.effort`", [fields, "reasoning.effort and reasoning.summary"]),
      same("`reasoning.summary`", [fields, "reasoning.effort and reasoning.summary"]),
      same(
        "`enable_web_search`",
        [fields, "enable_web_search of %s"],
        "On `chatcompletion` it does nothing, as before (BE-7), and says so.",
      ),
      fixed("`enable_code_interpreter`, `enable_code_execution`", "CFG-8", "Two names for one thing, on every backend that has it.", [
        fields,
        "CFG-8: %s of %s",
      ]),
      same("`extra_body`", [fields, "extra_body"]),
      same("`provider`, `provider_name`", [fields, "provider_name"], "Not an error any more; nothing of them is sent."),
      same(
        "`cwd` (claude_code)",
        [claudeCode("create-claude-code"), "needs a folder, and makes one"],
        "Each agent works in its own copy of it.",
      ),
      same("`permission_mode` (claude_code)", [claudeCode("query-options"), "what it does is confined unless"]),
      same("`allowed_tools` (claude_code)", [claudeCode("query-options"), "its tools and rules are those of 0.0.7"]),
      same("`max_turns`, `max_thinking_tokens` (claude_code)", [claudeCode("query-options"), "turns and thinking are limited"]),
      fixed("`append_system_prompt`, `system_prompt` (claude_code)", "BE-12", "Works; any value crashed it.", [
        claudeCode("query-options"),
        "it is told of its folder after the program's own instructions",
      ]),
      fixed("`disallowed_tools` (claude_code)", "BE-12", "Works; any value crashed it.", [
        claudeCode("query-options"),
        "its tools and rules are those of 0.0.7",
      ]),
      changed(
        "`cli_command`, `working_dir`, `timeout`",
        "They did nothing. A body that goes to a provider takes them as any other key now: leave them out; the time of a run is `orchestrator.timeout`.",
        [fields, "%s is passed on or named"],
      ),
      changed("other keys", "Passed on to the provider, as before; one that is near to a known key is an error.", [
        fields,
        "other keys are passed on",
      ]),
    ],
  },
  {
    title: "Models where none is named",
    rows: [
      changed("openai: gpt-4o-mini", "`gpt-5-mini`.", ["migrating/models", "%s asks %s where no model is named"]),
      changed("claude: claude-3-sonnet-20240229", "That model is gone; a later Sonnet.", [
        "migrating/models",
        "%s asks %s where no model is named",
      ]),
      same("gemini: gemini-2.5-flash", ["migrating/models", "%s asks %s where no model is named"]),
      changed("grok: grok-2-1212", "`grok-4.3`: grok-2 is gone.", ["migrating/models", "%s asks %s where no model is named"]),
      same("zai: glm-4.5", ["migrating/models", "%s asks %s where no model is named"]),
      changed("chatcompletion: gpt-oss-120b", "The usual one of a known provider, else the model that the server has.", [
        "migrating/models",
        "chatcompletion takes the model its server has",
      ]),
      fixed("lmstudio: gpt-4o-mini", "CFG-5", "The model that LM Studio has.", [
        "migrating/models",
        "CFG-5: lmstudio takes the model it has",
      ]),
      same("claude_code: its own", [
        claudeCode("create-claude-code"),
        "has a schema for ballots, no sampling, and the model of nobody else",
      ]),
    ],
  },
];
