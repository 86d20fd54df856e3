import type { LoadOptions } from "../models/engines/engine.ts";
import type { AskOptions } from "./ask-options.ts";
import type { ConfigRequest } from "./parse-config.ts";

/** How much is told on the way. `quiet`: the answer alone; `verbose`: each call and its timing; `debug`: prompts and replies. */
export type Level = "quiet" | "normal" | "verbose" | "debug";

/** Where a council without a config may go: `cloud` uses keys in the environment, `local` leaves them alone. */
export type Allowance = "cloud" | "local";

export interface Output {
  readonly json: boolean;
  readonly level: Level;
  readonly noColor: boolean;
  /** Consent given beforehand to what would be asked at a terminal. */
  readonly yes: boolean;
  readonly logFile?: string;
}

/** What somebody asked the command to do. */
export type Command =
  | { readonly type: "help" }
  | { readonly type: "version" }
  | { readonly type: "ask"; readonly question?: string; readonly options: AskOptions; readonly output: Output }
  | { readonly type: "chat"; readonly options: AskOptions; readonly output: Output }
  | {
      readonly type: "resume";
      readonly run: string;
      readonly config?: string;
      readonly strict: boolean;
      readonly noDisplay: boolean;
      readonly output: Output;
    }
  | { readonly type: "runs"; readonly output: Output }
  | { readonly type: "show"; readonly run: string; readonly output: Output }
  | { readonly type: "list-models"; readonly engine?: string; readonly output: Output }
  | { readonly type: "loaded-models"; readonly engine?: string; readonly output: Output }
  | { readonly type: "show-model"; readonly model: string; readonly engine?: string; readonly output: Output }
  | { readonly type: "unload-model"; readonly model: string; readonly engine?: string; readonly output: Output }
  | { readonly type: "load-model"; readonly model: string; readonly load: LoadOptions; readonly engine?: string; readonly output: Output }
  | { readonly type: "pull-model"; readonly source: string; readonly engine?: string; readonly output: Output }
  | { readonly type: "doctor"; readonly config?: string; readonly output: Output }
  | { readonly type: "tune"; readonly engine?: string; readonly model?: string; readonly output: Output }
  | { readonly type: "config"; readonly request: ConfigRequest; readonly output: Output }
  | {
      readonly type: "init";
      readonly file: string;
      readonly template?: string;
      readonly force: boolean;
      /** Whether flags name models or their server, and whether they leave anything to ask. */
      readonly isNamed: boolean;
      readonly isSettled: boolean;
      readonly options: AskOptions;
      readonly output: Output;
    }
  | { readonly type: "test-backends"; readonly names: readonly string[]; readonly config?: string; readonly output: Output }
  | { readonly type: "allow"; readonly what: Allowance; readonly output: Output }
  | { readonly type: "add-engine"; readonly engine: "embedded"; readonly output: Output }
  | { readonly type: "try-model"; readonly model: string; readonly engine?: string; readonly output: Output };
