import type { findEmbeddedEngine } from "../models/backends/embedded/find-embedded-engine.ts";
import type { probeServer } from "../models/backends/chatcompletion/probe-server.ts";
import type { discover } from "../models/engines/discover.ts";
import type { Engine, EngineAddress, EngineModel } from "../models/engines/engine.ts";
import type { ServedKind } from "../models/engines/served-engines.ts";
import type { Experiences } from "../models/experience-store.ts";
import type { CatalogueModel } from "../models/files/catalogue.ts";
import type { CouncilModel, Sampling } from "../models/model.ts";
import type { McpServer } from "../tools/mcp/open-mcp-server.ts";
import type { McpServerAddress } from "../tools/mcp/server-definition.ts";
import type { ToolSource } from "../tools/tool.ts";
import type { Environment } from "./interpolate.ts";
import type { Whereabouts } from "./run-files.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";
import { withoutUndefined } from "../core/without-undefined.ts";

/** One agent, ready to be asked. */
export interface Seat {
  readonly id: string;
  readonly persona?: string;
  readonly model: CouncilModel;
  /** What its model may have done. */
  readonly tools?: readonly ToolSource[];
}

/** A council that could be built. */
export interface Council {
  readonly seats: readonly Seat[];
  /** To be kept out of logs and errors. */
  readonly secrets: readonly string[];
  /** What `rebuildCouncil` needs to build the same again; JSON, without keys. */
  readonly setup: Readonly<Record<string, unknown>>;
  /** What a person should know before the run, a sentence each. */
  readonly notices: readonly string[];
}

/** What must be fetched before the embedded engine can be used. */
export interface Missing {
  readonly engine: boolean;
  readonly model?: CatalogueModel;
}

/** The world as a council is built in it. */
export interface Surroundings {
  readonly environment: Environment;
  readonly folders: { readonly models: string; readonly engines: string; readonly workspaces: string };
  /** Where configs are looked for that nobody named; absent: nowhere. */
  readonly where?: Whereabouts;
  /** Of the whole machine. */
  readonly memoryBytes: number;
  /** Fetches what is missing if the person agrees; else throws a `MassgenError` with the commands to type. */
  readonly offer: (missing: Missing, signal: AbortSignal) => Promise<void>;
  /** Asks the person at the prompt; `--yes` is a yes beforehand. Undefined where nobody can be asked, as in scripts. */
  readonly allow: (question: string, signal: AbortSignal) => Promise<boolean | undefined>;
  /** Shows what goes on before the run, on a line that is drawn over; empty text takes it away. */
  readonly tell: (text: string) => void;
  readonly probe: typeof probeServer;
  readonly discover: typeof discover;
  readonly createEngine: (kind: ServedKind, address: EngineAddress) => Promise<Engine>;
  readonly findEngine: typeof findEmbeddedEngine;
  /** What earlier runs have learned of a model, by `experienceKey`. */
  readonly experience: Experiences;
  /** Starts or reaches an MCP server; absent where nothing is to be started. Throws a `MassgenError` that says why there is none. */
  readonly openServer?: (server: McpServerAddress, signal: AbortSignal) => Promise<McpServer>;
}

/** A model of a local engine that sits on the council. */
export interface SeatedEngine {
  readonly engine: Engine;
  readonly model: EngineModel;
  /** Whether we load it explicitly, so that the engine does not take it away by itself. */
  readonly isLoadedByUs: boolean;
  /** Models at once that the config allows this engine. */
  readonly most?: number;
}

/** A seat with all that was found out in building it. */
export interface BuiltSeat {
  readonly seat: Seat;
  /** The backend as it was resolved: model and address are named now. */
  readonly backend: BackendConfig;
  readonly secrets: readonly string[];
  readonly notices: readonly string[];
  /** The address, on this machine, at which nothing listens. */
  readonly refusedAt?: string;
  /** Why what should listen there could not be started, where that was tried. */
  readonly whyRefused?: string | undefined;
  readonly engine?: SeatedEngine;
}

/** For sentences: `agent "critic" (council.yaml:3:5)`. */
export function nameOf({ id, place }: AgentConfig): string {
  return `agent "${id}"${place === undefined ? "" : ` (${place})`}`;
}

export function seatOf({ id, system_message: persona }: AgentConfig, model: CouncilModel): Seat {
  return { id, ...(persona !== undefined && { persona }), model };
}

export function samplingOf(backend: BackendConfig): Sampling {
  const { temperature, top_p: topP, top_k: topK, seed, max_tokens: maxTokens } = backend;
  return withoutUndefined<Sampling>({ temperature, topP, topK, seed, maxTokens });
}
