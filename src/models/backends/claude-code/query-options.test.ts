import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { usuallyDisallowed } from "./permissions.ts";
import { BALLOT_MARK, type CallSettings, queryOptions } from "./query-options.ts";

function options(settings: CallSettings = {}, call: Partial<LanguageModelV4CallOptions> = {}) {
  return queryOptions(settings, { call: { prompt: [], ...call }, system: "SYSTEM", folder: "/own", environment: { PATH: "/bin" } });
}

describe("whatever is asked", () => {
  test("nothing of the machine is read and nothing is kept; the environment is ours alone", () => {
    expect(options()).toMatchObject({
      cwd: "/own",
      env: { PATH: "/bin" },
      settingSources: [],
      plugins: [],
      skills: [],
      strictMcpConfig: true,
      persistSession: false,
    });
    expect(options()).not.toHaveProperty("model");
  });

  test("further options go to the SDK, but for those that are ours", () => {
    const further = {
      maxBudgetUsd: 1,
      env: { A: "1" },
      resume: "x",
      allowedTools: ["Write"],
      persistSession: true,
      settingSources: ["user"],
      cwd: "/",
    };
    const taken = options({ further });
    expect(taken).toMatchObject({ maxBudgetUsd: 1, env: { PATH: "/bin" }, persistSession: false, settingSources: ["user"], cwd: "/own" });
    for (const name of ["resume", "allowedTools"]) expect(taken).not.toHaveProperty(name);
  });
});

test("a ballot has no tools, no thinking and none of the program's instructions", () => {
  const schema = { type: "object" } as const;
  const settings = { systemPrompt: "OWN", maxTurns: 3, permissionMode: "bypassPermissions" } as const;
  const asked = options(settings, { providerOptions: BALLOT_MARK, responseFormat: { type: "json", schema } });
  expect(asked).toMatchObject({
    tools: [],
    thinking: { type: "disabled" },
    systemPrompt: "SYSTEM",
    outputFormat: { type: "json_schema", schema },
  });
  for (const name of ["permissionMode", "maxTurns", "canUseTool", "allowDangerouslySkipPermissions"])
    expect(asked).not.toHaveProperty(name);
});

describe("at work", () => {
  test("its tools and rules are those of 0.0.7 unless the config has its own (BE-12 a, b)", () => {
    expect(options()).toMatchObject({ permissionMode: "acceptEdits", disallowedTools: usuallyDisallowed });
    expect(options().tools).toHaveLength(17);
    expect(options()).not.toHaveProperty("allowedTools");
    const own = options({ allowedTools: ["Read", "Bash(git *)", "Bash(npm *)"], disallowedTools: ["Bash(rm:*)"], permissionMode: "plan" });
    expect(own).toMatchObject({
      tools: ["Read", "Bash"],
      allowedTools: ["Bash(git *)", "Bash(npm *)"],
      disallowedTools: ["Bash(rm:*)"],
      permissionMode: "plan",
    });
  });

  test("searching and running code can be switched off", () => {
    const tools = options({ withoutWeb: true, withoutCode: true }).tools as readonly string[];
    expect(tools).toContain("Read");
    for (const name of ["WebSearch", "WebFetch", "Bash"]) expect(tools).not.toContain(name);
  });

  test("it is told of its folder after the program's own instructions, or after those in their place", () => {
    expect(options({ appendSystemPrompt: "LAST" }).systemPrompt).toMatchObject({
      preset: "claude_code",
      append: expect.stringMatching(/^SYSTEM\n\nYou work in a copy.*\n\nLAST$/su) as string,
    });
    expect(options({ systemPrompt: "OWN" }).systemPrompt).toMatch(/^OWN\n\nSYSTEM\n\n/u);
  });

  test("what it does is confined unless all permissions are bypassed, which has to be said", () => {
    expect(options()).toMatchObject({ sandbox: { enabled: true, allowUnsandboxedCommands: false } });
    expect(options()).toHaveProperty("canUseTool");
    const free = options({ permissionMode: "bypassPermissions" });
    expect(free).toMatchObject({ allowDangerouslySkipPermissions: true });
    expect(free).not.toHaveProperty("canUseTool");
  });

  test("turns and thinking are limited where that is said", () => {
    expect(options({ model: "sonnet", maxTurns: 3, maxThinkingTokens: 0 })).toMatchObject({
      model: "sonnet",
      maxTurns: 3,
      maxThinkingTokens: 0,
    });
  });
});
