export { describeEventLog, exampleRunStarted, type TestHooks } from "./event-log-contract.ts";
export { describeEngine, type EngineContract } from "./engine-contract.ts";
export type { FakeReply, FakeToolCall } from "./fake-openai/fake-reply.ts";
export { startFakeOpenAI, type FakeRequest, type FakeRequestBody, type FakeServer, type FakeServerOptions } from "./fake-openai-server.ts";
export { describeLanguageModel, type ModelContract } from "./model-contract.ts";
export { ScriptError } from "./script-error.ts";
export { scriptedModel, type Expectation, type Line, type Lines, type ScriptedModel } from "./scripted-model.ts";
export type {
  ScriptedAnswer,
  ScriptedFailure,
  ScriptedHang,
  ScriptedReply,
  ScriptedToolCall,
  ScriptedTrouble,
  ScriptedUsage,
} from "./scripted-reply.ts";
export { virtualClock, type VirtualClock } from "./virtual-clock.ts";
export { simulateRun, type Behaviour, type Simulated, type SimulatedCall, type Simulation } from "./simulate-run.ts";
