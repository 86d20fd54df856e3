import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MassgenError } from "../../../core/errors.ts";
import type { Rung } from "../../../core/facts/settings.ts";
import { withoutUndefined } from "../../../core/without-undefined.ts";
import type { Experience } from "../../experience.ts";
import type { CouncilModel, RunModel, Timeouts } from "../../model.ts";
import { createQueue } from "../../queue/engine-queue.ts";
import { rememberedRungs } from "../../remembered-rungs.ts";
import { createWorkingCopy } from "../../workspaces/working-copy.ts";
import { childEnvironment } from "./child-environment.ts";
import { claudeCodeModel } from "./claude-code-model.ts";
import { isClaudeCodeThere, missingClaudeCode } from "./find-claude-code.ts";
import { createOwnFolders, type OwnFolders } from "./own-folders.ts";
import { BALLOT_MARK, type CallSettings } from "./query-options.ts";
import type { Program } from "./spawn-program.ts";
import { settled } from "./working-copy-notes.ts";

export interface ClaudeCodeOptions extends CallSettings {
  /** The project folder, relative to the process; made when it is not there. By default the folder of the process. */
  readonly cwd?: string;
  /** Without one the program's own login counts. */
  readonly apiKey?: string;
  /** The root of another Messages API. A login of the program is never used there. */
  readonly baseUrl?: string;
  /** Of which the program gets what it needs to run; by default that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where the agents' copies of the project are kept during a run. */
  readonly workspaces?: string;
  /** Of one request to the API. */
  readonly maxOutputTokens?: number;
  readonly contextTokens?: number;
  readonly timeouts?: Timeouts;
  readonly experience?: Experience;
}

/** Programs at once; each takes some 300 MB of memory. */
const MOST_PROGRAMS = 4;
const queue = createQueue({ slots: MOST_PROGRAMS, sharing: "blocks" });
const RUNGS: readonly Rung[] = ["schema", "text"];
/** The program is a process of its own that may think before its first word, and run a command for minutes without one. */
const TIMEOUTS: Timeouts = { firstTokenMs: 5 * 60_000, stallMs: 5 * 60_000 };
/** Characters of a name that tells nothing of the agent it stands for. */
const FOLDER_NAME_LENGTH = 16;

/**
 * An agent that is the Claude Code program, with its tools. In a run it works in its own copy of the project folder; the winner's is put
 * back when the run ends. Nothing is started before the first call.
 * @throws MassgenError `engine-missing` where the Claude Agent SDK is not installed, `config` where `cwd` is no folder
 */
export async function createClaudeCode(options: ClaudeCodeOptions): Promise<CouncilModel> {
  if (!isClaudeCodeThere()) throw missingClaudeCode();
  const project = resolve(options.cwd ?? ".");
  if (statSync(project, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new MassgenError("config", `cwd is no folder: ${project}`, {
      hint: "Name the folder of the project; one that is not there is made.",
    });
  }
  const own = createOwnFolders();
  const outside = seated(options, own, async () => own.scratch());
  const workspaces = options.workspaces ?? join(tmpdir(), "massgen-workspaces");
  return {
    ...outside.model,
    close: async () => {
      await outside.stop();
      own.remove();
    },
    inRun: ({ runId, agent }): RunModel => {
      const name = createHash("sha256").update(`${runId} ${agent}`).digest("hex").slice(0, FOLDER_NAME_LENGTH);
      const copy = createWorkingCopy({ project, place: join(workspaces, runId, name) });
      const inside = seated(options, own, async () => copy.open());
      return {
        ...inside.model,
        async runEnded(how) {
          await inside.stop();
          return settled(how, { agent, copy, project, place: join(workspaces, runId) });
        },
      };
    },
  };
}

interface Seated {
  readonly model: CouncilModel;
  /** Ends every program that still runs. */
  readonly stop: () => Promise<void>;
}

function seated(options: ClaudeCodeOptions, own: OwnFolders, folder: () => Promise<string>): Seated {
  const { apiKey, baseUrl, experience, contextTokens, model } = options;
  const running = new Set<Program>();
  const isOwnLogin = apiKey === undefined && baseUrl === undefined;
  const environmentOf = () =>
    childEnvironment({
      environment: options.environment ?? process.env,
      baseUrl,
      ...(options.maxOutputTokens !== undefined && { maxOutputTokens: options.maxOutputTokens }),
      configFolder: isOwnLogin ? undefined : own.config(),
      ...(process.platform === "win32" && apiKey !== undefined && { apiKey }),
    });
  return {
    model: {
      languageModel: claudeCodeModel({
        ...options,
        modelId: model ?? "default",
        apiKey,
        folder,
        environmentOf,
        onStart(program) {
          running.add(program);
          void program.gone().then(() => running.delete(program));
        },
      }),
      name: model === undefined ? "claude_code" : `claude_code/${model}`,
      rungs: rememberedRungs(RUNGS, experience),
      sampling: {},
      timeouts: options.timeouts ?? TIMEOUTS,
      queue,
      works: true,
      providerOptions: { ballot: BALLOT_MARK, labelled: () => BALLOT_MARK },
      ...withoutUndefined<Pick<CouncilModel, "contextTokens" | "experience">>({ contextTokens, experience }),
    },
    async stop() {
      await Promise.all([...running].map(async (program) => program.kill()));
    },
  };
}
