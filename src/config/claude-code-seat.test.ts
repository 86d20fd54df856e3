import { describe, expect, test } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { isClaudeCodeThere } from "../models/backends/claude-code/find-claude-code.ts";
import { claudeCodeFinding, claudeCodeSeat } from "./claude-code-seat.ts";
import type { Environment } from "./interpolate.ts";
import type { BackendConfig } from "./schema.ts";

const agentWith = (backend: Partial<BackendConfig> = {}) => ({
  id: "coder",
  place: "c.yaml:1:1",
  backend: { type: "claude_code" as const, ...backend },
});

function seat(backend?: Partial<BackendConfig>, environment: Environment = {}) {
  return claudeCodeSeat(agentWith(backend), quietSurroundings({ environment }));
}

describe.skipIf(!isClaudeCodeThere())("a seat of Claude Code (skipped where the Claude Agent SDK is not installed)", () => {
  test("uses the program's own login where there is no key, and keeps its token out of logs", async () => {
    const { secrets, backend, notices } = await seat({}, { CLAUDE_CODE_OAUTH_TOKEN: "oauth-0123456789" });
    expect({ secrets, notices }).toEqual({ secrets: ["oauth-0123456789"], notices: [] });
    expect(backend).toMatchObject({ base_url: "https://api.anthropic.com", fields: { cwd: process.cwd() } });
  });

  test.each([
    ["the variable", {}, { ANTHROPIC_API_KEY: "sk-ant-variable" }, "sk-ant-variable"],
    ["the config", { api_key: "sk-ant-config" }, { ANTHROPIC_API_KEY: "sk-ant-variable" }, "sk-ant-config"],
    [
      "the variable, at the address that another names",
      {},
      { ANTHROPIC_API_KEY: "sk-ant-variable", ANTHROPIC_BASE_URL: "http://127.0.0.1:9/v1" },
      "sk-ant-variable",
    ],
  ])("its key comes from %s", async (_, backend, environment, key) => {
    expect((await seat(backend, environment)).secrets).toEqual([key]);
  });

  test("another host gets no key of Anthropic's and no login", async () => {
    const elsewhere = seat({ base_url: "https://gateway.example" }, { ANTHROPIC_API_KEY: "sk-ant-variable" });
    await expect(elsewhere).rejects.toMatchObject({
      code: "config",
      message: 'There is no key for gateway.example, which agent "coder" (c.yaml:1:1) uses.',
      hint: "Set api_key in the config: the login of Claude Code is never sent to another host.",
    });
    await expect(seat({}, { ANTHROPIC_BASE_URL: "https://gateway.example" })).rejects.toMatchObject({
      hint: expect.stringMatching(/^Set the variable ANTHROPIC_API_KEY, or api_key in the config: /u) as string,
    });
  });

  test("doctor tells what a run would find, without starting anything", () => {
    const found = (backend?: Partial<BackendConfig>, environment: Environment = {}) =>
      claudeCodeFinding(agentWith(backend), { environment });
    expect(found()).toEqual({ status: "ok", text: "Claude Code is installed, with its own login" });
    expect(found({}, { ANTHROPIC_API_KEY: "sk-ant-variable" })).toEqual({ status: "ok", text: "Claude Code is installed, with a key" });
    expect(found({ base_url: "https://gateway.example" })).toMatchObject({
      status: "failed",
      text: expect.stringContaining("no key for gateway.example") as string,
    });
  });
});
