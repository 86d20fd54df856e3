import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isClaudeCodeThere } from "../../src/models/backends/claude-code/find-claude-code.ts";
import { type FakeMessages, type MessagesReply, type MessagesRequest, startFakeMessages } from "../../src/testing/index.ts";
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

/** Writes a file, says so, and votes for `choice`. */
async function claude(choice: string, toolUses: (folder: string) => NonNullable<MessagesReply["toolUses"]>): Promise<FakeMessages> {
  const reply = ({ body }: MessagesRequest): MessagesReply => {
    const text = JSON.stringify(body);
    if (body.tools?.some(({ name }) => name === "StructuredOutput") === true) {
      return { toolUses: [{ name: "StructuredOutput", input: { reason: "It is complete.", choice } }] };
    }
    if (text.includes('"tool_result"')) return { text: "I wrote the notes." };
    if (text.includes("<answer")) return { text: "The notes are written." };
    const folder = /Primary working directory: ([^\\]+)\\n/u.exec(text)?.[1] ?? "";
    const uses = toolUses(folder);
    return uses.length === 0 ? { text: "I wrote nothing." } : { toolUses: uses };
  };
  const server = await startFakeMessages({ reply });
  servers.push(server);
  return server;
}

async function other(choice: string): Promise<FakeServer> {
  const server = await startFakeOpenAI({
    reply: ({ body }) =>
      body.response_format === undefined
        ? { text: JSON.stringify(body.messages).includes("<answer") ? "Presented." : "Another answer." }
        : { text: JSON.stringify({ reason: "It is complete.", choice }) },
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
      const server = await claude("A", (folder) => [
        { name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } },
      ]);
      const { code, stdout, stderr } = await massgen(["--config", config({}, []), "Write the notes."], around(server));
      expect({ code, stdout }).toEqual({ code: 0, stdout: "I wrote the notes.\n" });
      expect(stderr).toContain(`The winner's files are in ${project}: made.txt.`);
      expect(readFileSync(join(project, "made.txt"), "utf8")).toBe("by the agent");
      expect(copies()).toEqual([]);
      expect(stdout + stderr).not.toContain("sk-ant-cli");
    });

    test("in a council it drafts with its tools, votes without, and a loser's files are gone", async () => {
      const server = await claude("B", (folder) => [
        { name: "Write", input: { file_path: join(folder, "made.txt"), content: "by the agent" } },
      ]);
      const others = [await other("B"), await other("B")];
      const { code, stderr } = await massgen(["--config", config({}, others), "--seed", "1", "-v", "Write the notes."], around(server));
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(server.requests.some(({ body }) => JSON.stringify(body.tools ?? []).includes("StructuredOutput"))).toBe(true);
      const won = /by coder won/u.test(stderr);
      expect(existsSync(join(project, "made.txt"))).toBe(won);
      expect(copies()).toEqual([]);
    });

    test("what changed in the project during the run is left as it is, and the winner's version named", async () => {
      const server = await claude("A", (folder) => {
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
      const server = await claude("A", () => []);
      const environment = { ANTHROPIC_API_KEY: "sk-ant-cli-0123456789" };
      const { code, stderr } = await massgen(["--config", config({ base_url: server.origin }, []), "q"], { home, environment });
      expect(code).toBe(1);
      expect(stderr).toMatch(/There is no key for 127\.0\.0\.1:\d+, which agent "coder" \(.*\) uses\./u);
      expect(server.requests).toEqual([]);
    });

    const shipped = join(import.meta.dirname, "../../../shared/compat/configs-0.0.7");
    test.skipIf(!existsSync(shipped))(
      "claude_code_single.yaml of MassGen 0.0.7 answers (skipped where ../shared is not there)",
      async () => {
        const server = await claude("A", () => []);
        const text = readFileSync(join(shipped, "claude_code_single.yaml"), "utf8");
        const path = join(home, "claude_code_single.yaml");
        writeFileSync(path, text.replace("claude_code_workspace", join(home, "claude_code_workspace")));
        const { code, stderr } = await massgen(["--config", path, "Write the notes."], around(server));
        expect({ code, stderr }).toMatchObject({ code: 0 });
        expect(server.requests[0]?.body.tools?.map(({ name }) => name)).toEqual(
          expect.arrayContaining(["Read", "Write", "Bash", "WebSearch"]),
        );
        expect(existsSync(join(home, "claude_code_workspace"))).toBe(true);
      },
    );
  },
);
