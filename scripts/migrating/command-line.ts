import { type Chapter, changed, fixed, same } from "./row.ts";

const flags = "migrating/flags";
const chat = "migrating/chat";

export const commandLine: readonly Chapter[] = [
  {
    title: "Starting it",
    rows: [
      changed("`python -m massgen.cli …`, `uv run python -m massgen.cli …`", "`massgen …`: a Node program now.", [
        "cli/process",
        "version and help need nothing else",
      ]),
      fixed("`massgen …`", "CLI-1", "The installed command works.", ["cli/process", "version and help need nothing else"]),
      same('`massgen "QUESTION"`', [flags, "a question as the one argument is answered, and the process ends"]),
      changed(
        "`massgen` without a question",
        "At a terminal the chat, as before. Without one, standard input is the question; before, it printed errors without end (CLI-9).",
        [chat, "without a question: the chat at a terminal, standard input elsewhere"],
      ),
      fixed("`massgen` without anything", "CLI-3", "It asks models on this machine, no cloud: nothing leaves it unless you say so.", [
        flags,
        "without a model nothing is asked of OpenAI",
      ]),
    ],
  },
  {
    title: "Flags",
    rows: [
      same("`--config PATH`", [flags, "--config"]),
      changed("`--config` with `--backend`", "Refused as before, with exit code 64 instead of 2.", [
        flags,
        "--config and --backend exclude each other",
      ]),
      changed(
        "`--config` with `--model`, `--system-message` or `--base-url`",
        "The first two go before what a file with one agent says; all else is refused: 0.0.7 dropped the flag without a word.",
        [flags, "--config refuses what it would ignore"],
      ),
      same("`--backend openai`", [flags, "--backend openai"]),
      same("`--backend claude`", [flags, "--backend claude"]),
      same("`--backend gemini`", [flags, "--backend gemini"]),
      same("`--backend grok`", [flags, "--backend grok"]),
      same("`--backend zai`", [flags, "--backend zai"]),
      same("`--backend chatcompletion`", [flags, "--backend chatcompletion"]),
      same("`--backend lmstudio`", [flags, "--backend lmstudio"]),
      fixed("`--backend claude_code`, `--backend claude-code`", "CLI-4", "Both spellings; it picks its own model.", [
        "models/backends/claude-code/create-claude-code",
        "has a schema for ballots, no sampling, and the model of nobody else (CLI-4)",
      ]),
      fixed("`--model NAME`", "CLI-4", "It has no default that leaks: each backend has its own.", [
        flags,
        "--model and the default of each backend",
      ]),
      same("`--system-message TEXT`", [flags, "--system-message"]),
      fixed("`--base-url URL`", "CFG-4", "For every HTTP backend; a URL that ends in the path of a call works too.", [flags, "--base-url"]),
      same("`--no-display`", [flags, "--no-display"]),
      fixed("`--no-logs`", "UI-14", "Nothing of the run is written at all; in 0.0.7 `agent_outputs/` was.", [flags, "--no-logs"]),
      same("`-h`, `--help`", [flags, "--help"]),
      changed("`--create-samples`", "Announced and never there (CLI-2): `massgen init --template NAME` writes a file to start from.", [
        flags,
        "--create-samples names what does its job",
      ]),
    ],
  },
  {
    title: "From a model's name to its backend",
    rows: [
      fixed(
        "names of the table",
        "CLI-5",
        "By family instead of a closed list, so newer names work: `gpt-…`, `o3`, `claude-…`, `gemini-…`, `grok-…`, `glm-…`.",
        ["migrating/models", "%s is %s's"],
      ),
      fixed("`o3-low`, `o3-mini-high`, `o4-mini-medium`, …", "CLI-5", "The model, with that reasoning effort.", [
        "migrating/models",
        "%s asks %s with effort %s",
      ]),
      changed(
        "a name nobody knows",
        "A server on this machine that has it is taken; else `--backend`, or `type` in a config, must say whose it is.",
        ["migrating/models", "a name nobody knows"],
      ),
      changed("an empty model name (`openai`)", "The backend must be named: nothing is sent to OpenAI by accident.", [
        "migrating/models",
        "an empty name",
      ]),
    ],
  },
  {
    title: "Variables and `.env`",
    rows: [
      ...["OPENAI_API_KEY", "XAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "ZAI_API_KEY", "CEREBRAS_API_KEY"].map(
        (name) => same(`\`${name}\``, ["migrating/variables", "%s goes to %s and nowhere else"]),
      ),
      ...["TOGETHER_API_KEY", "FIREWORKS_API_KEY", "GROQ_API_KEY", "NEBIUS_API_KEY", "OPENROUTER_API_KEY"].map((name) =>
        fixed(`\`${name}\``, "BE-2", "Read now, and sent to its own host; the OpenAI key went there instead.", [
          "migrating/variables",
          "%s goes to %s and nowhere else",
        ]),
      ),
      fixed("`.env`", "CLI-6", "Read as other tools do (`export`, quotes, comments), and never over a variable that is set.", [
        "migrating/variables",
        "CLI-6: .env is read properly and never over the environment",
      ]),
    ],
  },
  {
    title: "The chat",
    rows: [
      ...["/quit", "/exit", "/q", "quit", "exit", "q"].map((word) => same(`\`${word}\``, [chat, "%s leaves, with exit code 0"])),
      ...["/reset", "/clear", "reset", "clear"].map((word) =>
        fixed(`\`${word}\``, "CLI-8", "Nothing of the conversation is left; before, agents kept theirs.", [
          chat,
          "CLI-8: %s forgets the conversation",
        ]),
      ),
      ...["/help", "/h"].map((word) => same(`\`${word}\``, [chat, "%s lists the commands"])),
      same("`/status`", [chat, "/status says who is here, how, and after how many exchanges"]),
      changed("other text that begins with `/`", "Named as written, with the nearest command; a blank before it asks it as a question.", [
        chat,
        "an unknown command names the nearest",
      ]),
      same("an empty line", [chat, "an empty line asks for a question"]),
      fixed("a second question, and all after it", "UI-1", "They are answered, and remember what was said.", [
        "cli/chat",
        "UI-1, CLI-8, CLI-11",
      ]),
      fixed("end of input", "CLI-9", "Ends the chat with exit code 0.", [chat, "CLI-9: the end of input ends it"]),
      fixed("Ctrl-C at the prompt", "CLI-7", "Ends it without a traceback.", ["cli/chat-terminal", "CLI-7, CLI-9"]),
    ],
  },
  {
    title: "Exit codes",
    rows: [
      same("0: answered", ["cli/ask", "0: answered, by one agent from flags alone"]),
      changed("0: no agent produced an answer", "2, with the cause of every agent: 0 means an answer on standard output.", [
        "cli/ask",
        "nothing at all",
      ]),
      same("1: configuration error", ["cli/ask", "a server that does not run: its address and how to start it"]),
      same("1: any other error", ["cli/report-error", "is named as one, without a stack, which is in a file"]),
      changed("2: usage error", "64; 2 is a run that failed.", ["cli/ask", "64: %s"]),
      fixed("1 on Ctrl-C", "UI-3", "0 with the leading answer, 4 without one; the second Ctrl-C ends the process with 130.", [
        "cli/ask",
        "33. a person stops the run: 4 without an answer",
      ]),
    ],
  },
];
