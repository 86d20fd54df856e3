import { type Chapter, changed, fixed, same } from "./row.ts";

const table = "behaviours/outcome-table";
const situation = "$purpose: $situation";
const library = "migrating/library";

export const whatItDoes: readonly Chapter[] = [
  {
    title: "What a reply leads to",
    rows: [
      same(
        "more than one vote in a reply",
        [table, situation],
        "Refused, for every call; out of attempts the agent abstains instead of starting over (ORC-1).",
      ),
      same("a vote and a new answer together", [table, situation], "Refused, for every call."),
      changed("a vote while there are newer answers", "It is counted only if its voter saw every answer; else the voter is asked again.", [
        "behaviours/rounds-and-votes",
        "11.",
      ]),
      changed("a vote before there is an answer", "It cannot happen: ballots are asked for once there are answers.", [
        "behaviours/rounds-and-votes",
        "5.",
      ]),
      same("a vote for an id that is none", [table, situation], "Refused with the labels there are."),
      same("a valid vote, also for oneself", [table, situation], "`orchestrator.voting.self_votes` can weigh those less."),
      fixed("a new answer equal to one that exists", "ORC-3", "One answer with two authors; it was complained about and accepted.", [
        table,
        situation,
      ]),
      same("a new answer", [table, situation]),
      fixed("an empty answer", "ORC-4", "Refused.", [table, situation]),
      changed("several new answers in one reply", "An answer is plain text now, so there is one.", [table, situation]),
      changed("a call to another tool", "Answered for every call: there is no such tool; your own come by `mcp_servers`.", [
        table,
        situation,
      ]),
      fixed("neither vote nor answer", "ORC-1", "Asked again up to three times in all, then the agent abstains.", [table, situation]),
      fixed(
        "an error of the provider",
        "ORC-1",
        "Tried again where that can help, with waits; else the agent is out and the result says so.",
        ["behaviours/faults-of-0.0.7", "%s"],
      ),
    ],
  },
  {
    title: "Files it writes",
    rows: [
      changed("`mass_coordination_….json`", "The log of all runs, in massgen's own folder: `massgen runs`, `massgen show RUN`, `--json`.", [
        "migrating/written",
        "a run writes nothing into the current folder",
      ]),
      changed("`agent_outputs/{agent_id}.txt`", "`massgen show RUN` has every answer, with `--json` every reply.", [
        "migrating/written",
        "a run writes nothing into the current folder",
      ]),
      changed("`agent_outputs/system_status.txt`", "`massgen show RUN`.", [
        "migrating/written",
        "a run writes nothing into the current folder",
      ]),
      changed("`claude_code_workspace/`", "Each agent works in its own copy; the winner's files are brought there.", [
        "models/backends/claude-code/create-claude-code",
        "the winner's files are named, a few of many, and the folder of the run goes",
      ]),
    ],
  },
  {
    title: "Library",
    rows: [
      ...["ResponseBackend", "ClaudeBackend", "GeminiBackend", "GrokBackend"].map((name) =>
        changed(`\`${name}\``, "`await createBackend({ type, model, … })`, or any model of the AI SDK.", [
          library,
          "a backend by its type",
        ]),
      ),
      changed("`LMStudioBackend`", "`discover()` and `seatModel()`.", [library, "every name that is given instead is there"]),
      ...["ChatAgent", "SingleAgent", "ConfigurableAgent"].map((name) =>
        changed(`\`${name}\``, "A seat: `{ id, model, systemMessage }`.", [library, "every name that is given instead is there"]),
      ),
      ...["create_simple_agent", "create_expert_agent", "create_research_agent", "create_computational_agent"].map((name) =>
        changed(`\`${name}\``, "A seat with its `systemMessage`.", [library, "every name that is given instead is there"]),
      ),
      ...["Orchestrator", "create_orchestrator"].map((name) =>
        changed(`\`${name}\``, "`createCouncil({ seats })`.", [library, "every name that is given instead is there"]),
      ),
      changed("`AgentConfig`", "A seat (`Seat`): a model and its `systemMessage`.", [library, "every name that is given instead is there"]),
      ...["MessageTemplates", "get_templates"].map((name) =>
        changed(`\`${name}\``, "`settings.prompts`, `orchestrator.prompts` in a file: every sentence by name.", [
          library,
          "every name that is given instead is there",
        ]),
      ),
    ],
  },
];
