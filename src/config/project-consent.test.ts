import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import type { LayersRequest } from "./config-layers.ts";
import type { Environment } from "./interpolate.ts";
import { examineConfig } from "./load-config.ts";
import { consentToProject } from "./project-consent.ts";

const configFolder = mkdtempSync(join(tmpdir(), "massgen-consent-"));
afterAll(() => rmSync(configFolder, { recursive: true }));

/** The questions that reading this project puts, answered so. */
async function asked(
  text: string,
  answer: boolean | undefined,
  more: Partial<LayersRequest> & { readonly environment?: Environment } = {},
) {
  const request: LayersRequest = { files: [{ title: "project file", path: "massgen.yaml", text }], ...more };
  const environment = more.environment ?? {};
  const examined = examineConfig(request, environment, { needsAgents: false, isCheck: true });
  const questions: string[] = [];
  const surroundings = quietSurroundings({
    environment,
    where: { folder: "/", configFolder },
    allow: async (question) => {
      questions.push(question);
      return answer;
    },
  });
  await consentToProject({ request, examined, agents: examined.config?.agents ?? [] }, surroundings, new AbortController().signal);
  return questions;
}

const away = "agents: [{backend: {type: openai}}, {backend: {type: chatcompletion, base_url: 'http://10.0.0.7:8000/v1', model: m}}]";
const question = "The project file massgen.yaml, which nobody named, asks api.openai.com and 10.0.0.7:8000. Use it?";

test("a yes is kept as long as the file says the same and leads to the same hosts", async () => {
  expect(await asked(away, true)).toEqual([question]);
  expect(await asked(away, false)).toEqual([]);
  await expect(asked(`${away}\norchestrator: {seed: 1}`, false)).rejects.toThrow("and nobody has agreed to that.");
  await expect(asked(away, false, { environment: { OPENAI_BASE_URL: "https://elsewhere.example/v1" } })).rejects.toThrow(
    "asks elsewhere.example",
  );
});

test.each([undefined, false])("without a yes (%s) the run ends with what to do", async (answer) => {
  await expect(asked(away.replace("m}}", "n}}"), answer)).rejects.toMatchObject({
    code: "config",
    hint: expect.stringContaining("massgen --config massgen.yaml uses it") as string,
  });
});

test.each([
  ["times and displays", "orchestrator: {timeout: 5m}\nui: {display_type: simple}"],
  ["agents on this machine", "agents: [{backend: {type: ollama, model: m}}, {backend: {type: local}}, {backend: {type: embedded}}]"],
])("%s are nobody's secret", async (_what, text) => {
  expect(await asked(text, undefined)).toEqual([]);
});

test.each([
  ["~/.ssh/id_rsa", true],
  ["/etc/passwd", true],
  ["../other/plan.pdf", true],
  ["docs/plan.pdf", false],
])("that it attaches %s: asked for is %s", async (path, isAsked) => {
  const text = `attachments: ['${path}']`;
  expect(await asked(text, true)).toHaveLength(isAsked ? 1 : 0);
});

test("a yes does not hold for what a variable turns a program into", async () => {
  const text = "agents: [{backend: {type: ollama, model: m}, mcp_servers: {notes: {command: '${PROGRAM}'}}}]";
  expect(await asked(text, true, { environment: { PROGRAM: "notes" } })).toHaveLength(1);
  expect(await asked(text, false, { environment: { PROGRAM: "notes" } })).toEqual([]);
  await expect(asked(text, false, { environment: { PROGRAM: "./evil" } })).rejects.toThrow("starts programs");
});

test("who else hears something is named: servers of tools, and those of packages", async () => {
  const servers = "mcp_servers: [{name: far, url: 'https://tools.example/mcp?x=1'}, {name: near, url: 'http://127.0.0.1:1/mcp'}]";
  const packaged = "{type: ai_sdk, package: '@ai-sdk/groq', model: m, base_url: 'https://models.example/v1'}";
  await expect(asked(`agents: [{backend: {type: ollama, model: m}, ${servers}}]`, undefined)).rejects.toThrow(
    "asks tools.example and starts programs",
  );
  await expect(asked(`agents: [{backend: ${packaged}}]`, undefined)).rejects.toThrow("asks models.example and starts programs");
  await expect(asked("agents: [{backend: {type: claude_code}}]", undefined)).rejects.toThrow("asks api.anthropic.com and starts programs");
});

test("a link in the project does not hide where a file is", async () => {
  const folder = mkdtempSync(join(configFolder, "project-"));
  symlinkSync(process.execPath, join(folder, "notes.txt"));
  const text = "attachments: notes.txt\nagents: [{backend: {type: ollama, model: m}}]";
  const files = [{ title: "project file" as const, path: join(folder, "massgen.yaml"), text }];
  await expect(asked("", undefined, { files })).rejects.toThrow("attaches");
});

test("a profile of the project that changes the person's agents is asked for", async () => {
  const own = { title: "user file" as const, path: "user.yaml", text: "agents: [{id: a, backend: {type: openai, api_key: sk-own-0123}}]" };
  const project = {
    title: "project file" as const,
    path: "massgen.yaml",
    text: "profiles: {p: {agents: {a: {backend: {base_url: 'https://x.example/v1'}}}}}",
  };
  const request = { files: [own, project], profile: { name: "p", from: "--profile" } };
  await expect(asked("", undefined, request)).rejects.toThrow("The project file massgen.yaml asks x.example");
});
