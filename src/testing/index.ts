export { describeEventLog, exampleRunStarted, type TestHooks } from "./event-log-contract.ts";
export { describeEngine, type EngineContract } from "./engine-contract.ts";
export type { FakeEngine, FakeEngineOptions, FakeEngineRequest, FakeModel } from "./fake-engines/fake-engine.ts";
export { startFakeLlamaCpp, type FakeLlamaCpp, type FakeLlamaCppOptions } from "./fake-engines/llamacpp/start-fake-llama-cpp.ts";
export type { FakeLmStudioOptions } from "./fake-engines/lmstudio/options.ts";
export { startFakeLmStudio } from "./fake-engines/lmstudio/start-fake-lm-studio.ts";
export { startFakeSglang, type FakeSglang, type FakeSglangOptions } from "./fake-engines/sglang/start-fake-sglang.ts";
export { startFakeVllm, type FakeVllmOptions } from "./fake-engines/vllm/start-fake-vllm.ts";
export { startFakeOllama, type FakeOllamaOptions } from "./fake-engines/ollama/start-fake-ollama.ts";
export { startFakeGemini, type FakeGemini, type FakeGeminiOptions, type GeminiBody, type GeminiRequest } from "./fake-gemini-server.ts";
export { geminiError, type GeminiReply } from "./fake-gemini/gemini-reply.ts";
export {
  startFakeMessages,
  type FakeMessages,
  type FakeMessagesOptions,
  type MessagesBody,
  type MessagesRequest,
} from "./fake-messages-server.ts";
export { messagesError, type FakeServerTool, type FakeToolUse, type MessagesReply } from "./fake-messages/messages-reply.ts";
export type { FakeReply, FakeToolCall } from "./fake-openai/fake-reply.ts";
export { startFakeOpenAI, type FakeRequest, type FakeRequestBody, type FakeServer, type FakeServerOptions } from "./fake-openai-server.ts";
export {
  startFakeResponses,
  type FakeResponses,
  type FakeResponsesOptions,
  type ResponsesBody,
  type ResponsesRequest,
} from "./fake-responses-server.ts";
export { responsesError, type FakeFunctionCall, type ResponsesReply } from "./fake-responses/responses-reply.ts";
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
export { together } from "./together.ts";
export { virtualClock, type VirtualClock } from "./virtual-clock.ts";
export { simulateRun, type Behaviour, type Simulated, type SimulatedCall, type Simulation } from "./simulate-run.ts";
