/** What `massgen --help` prints. Two columns, at most 60 lines of 100 characters. */
export const helpText = `massgen: several language models answer your question, read each other and vote

Usage
  massgen "QUESTION"               ask a council and print its answer
  massgen                          talk with a council (also: massgen chat)
  massgen runs; massgen show RUN   list the runs so far; show one: its answers, its votes, its end
  massgen resume RUN               go on with a run whose process died
  massgen models                   every engine's; models ps, models show|load|unload|pull MODEL;
                                   --engine NAME|URL; for load: --context, --parallel, --ttl
  massgen doctor                   is all well? --config FILE asks its backends, --tune measures
  massgen config validate FILE…    is it right? also: config show, explain KEY, list, schema
  massgen init [FILE]              write a config: asks; --template NAME, --models …, --force
  massgen backends test [NAME…]    key, model, ballots, tools of clouds, for at most 50 tokens each
  massgen engines try MODEL        try a model alone; massgen engines add embedded adds an engine

Who answers
  --config FILE, --profile NAME    a council from a YAML or JSON file; one of its profiles
  --backend NAME                   one agent: lmstudio, ollama, llamacpp, vllm, sglang, embedded,
                                   openai, claude, gemini, grok, zai, claude_code, chatcompletion
  --model NAME                     its model
  --base-url URL                   its server
  --system-message TEXT            what it is told about itself
  --models NAME,NAME,…             an agent for each; ollama:NAME says where, NAME:3 is three of it
  --agents NUMBER                  that many agents instead of one; also a list as --models
  --cloud                          also clouds whose keys are set (always: massgen allow cloud)
  --dry-run                        show who would be asked, ask nobody
  Without any of these: your massgen.yaml; without one three agents on models of this machine.

The run
  --image PATH, --file PATH        files that go with the question: images, PDFs, text (repeatable)
  --history FILE|RUN               the conversation so far: a JSON file, or a run before (or: last)
  --timeout TIME                   90 (seconds), 90s, 10m or 1h; default 30m
  --token-budget NUMBER            tokens for the whole run; default 200000
  --max-answers NUMBER             answers an agent may give; default 2
  --seed NUMBER                    what is left to chance derives from it
  --final-answer-strategy NAME     winner_present, winner_reuse or synthesize
  --strict                         exit 5 when an agent was lost; warnings about a config are errors
  --no-logs                        keep nothing of this run on disk

Output (the answer goes to stdout, all else to stderr)
  --json                           one event a line on stdout, the last is run-ended
  -q, --quiet                      the answer alone
  -v, -vv                          each call and its timing; also prompts and replies
  --log-file FILE                  everything, as JSON lines
  --no-display                     lines instead of a live display
  --no-color                       no colours (NO_COLOR works too)
  -y, --yes                        yes to all questions: downloads, engines, a found massgen.yaml
  -h, --help, --version

Examples
  massgen "Why is the sky blue?"
  git diff | massgen "Review this change."
  massgen --config council.yaml --timeout 5m "Plan a week in Kyoto." > plan.md
  massgen --backend lmstudio --model qwen/qwen3-4b --agents 3 "Name this product."
  massgen -- runs                  asks the question "runs"

Exit codes: 0 answered, 1 configuration, 2 the run failed, 3 out of time or tokens without an
answer, 4 interrupted without one, 5 degraded (with --strict), 64 usage.
`;
