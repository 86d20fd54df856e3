/** massgen as a library: seat a council, ask it, watch it, await its answer. */
export {
  createCouncil,
  type AskOptions,
  type Council,
  type CouncilOptions,
  type CouncilRun,
  type RunResult,
  type Seat,
} from "./create-council.ts";
export { councilModel } from "./council-model.ts";
export { type BackendOptions, createBackend } from "./create-backend.ts";
export { MassgenError, type Trouble } from "../core/errors.ts";
export type { Accepts, Attachment } from "../core/facts/attachment.ts";
export type { FileSource } from "../files/read-source.ts";
export { takeIn, type TakenFile } from "../files/take-in.ts";
export type { Fact, FactOf, RunEvent } from "../core/facts.ts";
export type { Loss, Tally } from "../core/facts/coordination.ts";
export type { Failure, Outcome, Usage } from "../core/facts/outcome.ts";
export type { RunEnded, RunStarted } from "../core/facts/run.ts";
export type { Agent, Bounds, Settings, Turn } from "../core/facts/settings.ts";
export { evolve, stateOf } from "../core/evolve.ts";
export type { RunState } from "../core/state.ts";
export type { EventLog, RunSummary } from "../log/event-log.ts";
export { type Blobs, createFolderBlobs, createMemoryBlobs } from "../log/blobs.ts";
export { createMemoryLog } from "../log/memory-log.ts";
export { openSqliteLog } from "../log/sqlite-log.ts";
export { exportJsonl, importJsonl } from "../log/jsonl.ts";
export { type Clock, systemClock } from "../models/clock.ts";
export type { CouncilModel, Delta, RunModel } from "../models/model.ts";
export { discover, engineAt, type Looking, type Place as EnginePlace } from "../models/engines/discover.ts";
export type { Engine, EngineAddress, EngineKind, EngineModel, Probe, Sourced } from "../models/engines/engine.ts";
export { createEngine } from "../models/engines/create-engine.ts";
export { type ServedEngine, servedEngines, type ServedKind } from "../models/engines/served-engines.ts";
export { seatModel, type SeatOptions } from "../models/engines/seat-model.ts";
export { createQueue } from "../models/queue/engine-queue.ts";
export type { CacheSharing, Capacity, Place, Queue, Wanted } from "../models/queue/queue.ts";
export { defineTool, type ToolFunction } from "../tools/define-tool.ts";
export type { Tool, ToolContext, ToolSource } from "../tools/tool.ts";
export { type McpServerOptions, openMcpServer } from "./open-mcp-server.ts";
export type { Frame } from "../run/frames.ts";
export { createChatCompletion, type ChatCompletionOptions } from "../models/backends/chatcompletion/create-chat-completion.ts";
export { probeServer } from "../models/backends/chatcompletion/probe-server.ts";
export { createClaudeCode, type ClaudeCodeOptions } from "../models/backends/claude-code/create-claude-code.ts";
export { createEmbedded, type EmbeddedOptions } from "../models/backends/embedded/create-embedded.ts";
