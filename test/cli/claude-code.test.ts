import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isClaudeCodeThere } from "../../src/models/backends/claude-code/find-claude-code.ts";
import {
  type FakeGemini,
  type FakeMessages,
  type MessagesReply,
  type MessagesRequest,
  startFakeGemini,
  startFakeMessages,
} from "../../src/testing/index.ts";
import { type FakeServer, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { massgen } from "./massgen.ts";

let home = "";
let project = "";
const servers: { close(): Promise<void> }[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "massgen-claude-code-cli-"));
  project = join(home, "project");
  mkdirSync(project);
  writeFileSync(join(project, "notes.txt"), "before");
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
  rmSync(home, { recursive: true, force: true });
});

/** What an agent writes first, after it has written, and in the end. */
const WROTE = "I wrote the notes.";
const OTHER = "Another answer.";

/** The label of the answer that says this, in a ballot's prompt. */
function labelOf(prompt: string, answer: string): string {
  const [, label = "none"] = new RegExp(String.raw`<answer name=\\*"(\w+)\\*">(?:\\n|\s)*${answer}`, "u").exec(prompt) ?? [];
  return label;
}

const ballotFor = (prompt: string, answer: string) => ({ reason: "It is complete.", choice: labelOf(prompt, answer) });

/** Does what `toolUses` says, says so, and votes for `favourite`. */
async function claude(favourite: string, toolUses: (folder: string) => NonNullable<MessagesReply["toolUses"]>): Promise<FakeMessages> {
  const reply = ({ body }: MessagesRequest): MessagesReply => {
    const text = JSON.stringify(body);
    if (body.tools?.some(({ name }) => name === "StructuredOutput") === true) {
      return { toolUses: [{ name: "StructuredOutput", input: ballotFor(text, favourite) }] };
    }
    if (text.includes("<answer")) return { text: "The notes are written." };
    if (text.includes('"tool_result"')) return { text: WROTE };
    const folder = /Primary working directory: ([^\\]+)\\n/u.exec(text)?.[1] ?? "";
    const uses = toolUses(folder);
    return uses.length === 0 ? { text: "I wrote nothing." } : { toolUses: uses };
  };
  const server = await startFakeMessages({ reply });
  servers.push(server);
  return server;
}

async function other(favourite: string): Promise<FakeServer> {
  const server = await startFakeOpenAI({
    reply: ({ body }) => {
      const text = JSON.stringify(body.messages);
      if (body.response_format !== undefined) return { text: JSON.stringify(ballotFor(text, favourite)) };
      return { text: text.includes("<answer") ? "Presented." : OTHER };
    },
  });
  servers.push(server);
  return server;
}

async function gemini(favourite: string): Promise<FakeGemini> {
  const server = await startFakeGemini({
    reply: ({ body }) => {
      const text = JSON.stringify(body.contents);
      if (body.generationConfig?.["responseMimeType"] === "application/json") return { text: JSON.stringify(ballotFor(text, favourite)) };
      return { text: text.includes("<answer") ? "Presented." : OTHER };
    },
  });
  servers.push(server);
  return server;
}

function config(fields: object, others: readonly FakeServer[]): string {
  const agents = [
    { id: "coder", backend: { type: "claude_code", cwd: project, ...fields } },
    ...others.map(({ baseUrl }, index) => ({ id: `other${index}`, backend: { type: "chatcompletion", model: "m", base_url: baseUrl } })),
  ];
  const path = join(home, "council.json");
  writeFileSync(path, JSON.stringify({ agents }));
  return path;
}

const notes = (): string => readFileSync(join(project, "notes.txt"), "utf8");
const copies = (): readonly string[] => {
  const folder = join(home, "data", "workspaces");
  return existsSync(folder) ? readdirSync(folder) : [];
};
const around = ({ origin }: FakeMessages) => ({
  home,
  environment: { ANTHROPIC_BASE_URL: origin, ANTHROPIC_API_KEY: "sk-ant-cli-0123456789", PATH: process.env["PATH"] ?? "", HOME: home },
});

describe.skipIf(!isClaudeCodeThere())(
  "councils with Claude Code (skipped where the Claude Agent SDK is not installed)",
  { timeout: 60_000 },
  () => {
    test("the winner's files are in the project when the run has ended, and no copy is left", async () => {
      const server = await claude(WROTE, (folder) => [
        { name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } },
      ]);
      const { code, stdout, stderr } = await massgen(["--config", config({}, []), "Write the notes."], around(server));
      expect({ code, stdout }).toEqual({ code: 0, stdout: "I wrote the notes.\n" });
      expect(stderr).toContain(`The winner's files are in ${project}: made.txt.`);
      expect(readFileSync(join(project, "made.txt"), "utf8")).toBe("by the agent");
      expect(copies()).toEqual([]);
      expect(stdout + stderr).not.toContain("sk-ant-cli");
    });

    test.each([
      ["wins, presents with its tools, and its files are there", WROTE, true],
      ["loses, and its files are gone", OTHER, false],
    ])("in a council it drafts with its tools, votes without them; it %s", async (_, favourite, wins) => {
      const server = await claude(favourite, (folder) => [
        { name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } },
      ]);
      const { code, stdout, stderr } = await massgen(["--config", config({}, [await other(OTHER)]), "Write the notes."], around(server));
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: wins ? "The notes are written.\n" : "Presented.\n" });
      const tools = server.requests.map(({ body }) => (body.tools ?? []).map(({ name }) => name));
      expect(tools).toContainEqual(["StructuredOutput"]);
      expect(tools.at(-1)?.includes("Write")).toBe(wins);
      expect(existsSync(join(project, "made.txt"))).toBe(wins);
      expect(copies()).toEqual([]);
    });

    test("what changed in the project during the run is left as it is, and the winner's version named", async () => {
      const server = await claude(WROTE, (folder) => {
        writeFileSync(join(project, "notes.txt"), "by the user");
        return [
          { id: "read", name: "Read", input: { file_path: join(folder, "notes.txt") } },
          { id: "write", name: "Write", input: { file_path: join(folder, "notes.txt"), content: "by the agent" } },
        ];
      });
      const { code, stderr } = await massgen(["--config", config({}, []), "Write the notes."], around(server));
      expect(code).toBe(0);
      expect(notes()).toBe("by the user");
      expect(stderr).toMatch(/Changed in .*project during the run, and so left as it is: notes\.txt\. The winner's version is in (\S+)\./u);
      expect(copies()).toHaveLength(1);
    });

    test("another host gets neither the key nor the login", async () => {
      const server = await claude(WROTE, () => []);
      const environment = { ANTHROPIC_API_KEY: "sk-ant-cli-0123456789" };
      const { code, stderr } = await massgen(["--config", config({ base_url: server.origin }, []), "q"], { home, environment });
      expect(code).toBe(1);
      expect(stderr).toMatch(/There is no key for 127\.0\.0\.1:\d+, which agent "coder" \(.*\) uses\./u);
      expect(server.requests).toEqual([]);
    });

    const shipped = join(import.meta.dirname, "../../../shared/compat/configs-0.0.7");
    test.skipIf(!existsSync(shipped)).each(["claude_code_single", "claude_code_flash2.5", "claude_code_flash2.5_gptoss"])(
      "%s.yaml of MassGen 0.0.7 holds its council (skipped where ../shared is not there)",
      async (name) => {
        const [server, google, cerebras] = [
          await claude(WROTE, (folder) => [{ name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } }]),
          await gemini(WROTE),
          await other(WROTE),
        ];
        // Only where the agents work and where their makers listen is another place here.
        const text = readFileSync(join(shipped, `${name}.yaml`), "utf8")
          .replace("claude_code_workspace", join(home, "claude_code_workspace"))
          .replace("https://api.cerebras.ai/v1", cerebras.baseUrl);
        const path = join(home, `${name}.yaml`);
        writeFileSync(path, text);
        const { environment } = around(server);
        const argv = ["--config", path, "Write the notes."];
        const ran = await massgen(argv, {
          home,
          environment: { ...environment, GEMINI_API_KEY: "gm-cli-0123456789", GOOGLE_GEMINI_BASE_URL: `${google.origin}/v1beta` },
        });
        expect(ran).toMatchObject({ code: 0 });
        expect(readFileSync(join(home, "claude_code_workspace", "made.txt"), "utf8")).toBe("by the agent");
        expect(server.requests[0]?.body.tools?.map(({ name }) => name)).toEqual(
          expect.arrayContaining(["Read", "Write", "Bash", "WebSearch"]),
        );
        expect([google.requests.length > 0, cerebras.requests.length > 0]).toEqual([name.includes("flash"), name.includes("gptoss")]);
        expect(JSON.stringify([google.requests, cerebras.requests])).not.toContain("sk-ant-cli");
        expect(JSON.stringify([server.requests, cerebras.requests])).not.toContain("gm-cli");
      },
    );
  },
);
