import { expect, test } from "vitest";
import { readConfig } from "./load-config.ts";

const config = (backend: string): string =>
  `agents:\n  - id: one\n    mcp_servers:\n      - name: files\n        command: node server.js\n    backend:\n${backend.replaceAll(/^/gmu, "      ")}\n`;

test.each(["enable_web_search", "enable_code_execution", "enable_code_interpreter"] as const)(
  "Gemini's %s gives way to MCP servers, which is told before a run",
  (key) => {
    const { warnings, agents } = readConfig("council.yaml", config(`type: gemini\nmodel: gemini-2.5-flash\n${key}: true`), {});
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`council\\.yaml:9:7: ${key} of agent "one" is left out: gemini takes either`, "u")),
    ]);
    expect(agents[0]?.backend[key]).toBe(false);
  },
);

test.each(["type: gemini\nmodel: gemini-2.5-flash", "type: gemini\nenable_web_search: false", "type: claude\nenable_web_search: true"])(
  "%j goes together with MCP servers",
  (backend) => {
    expect(readConfig("council.yaml", config(backend), {}).warnings).toEqual([]);
  },
);
