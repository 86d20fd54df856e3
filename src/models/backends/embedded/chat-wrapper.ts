import type { ChatWrapper, ChatWrapperGenerateContextStateOptions, ChatWrapperGeneratedContextState, LlamaModel } from "node-llama-cpp";
import type { Engine } from "./find-embedded-engine.ts";

/** A wrapper that differs from `wrapper` only in what it makes of a history. */
function overriding(
  wrapper: ChatWrapper,
  change: (state: ChatWrapperGeneratedContextState) => ChatWrapperGeneratedContextState,
): ChatWrapper {
  const generateContextState = (options: ChatWrapperGenerateContextStateOptions): ChatWrapperGeneratedContextState =>
    change(wrapper.generateContextState(options));
  return Object.create(wrapper, { generateContextState: { value: generateContextState } }) as ChatWrapper;
}

/**
 * The wrapper that follows the model's own chat template. The engine's wrappers always begin with the token that begins a text;
 * a model that says it wants none, and whose template writes none, gets none.
 */
export function modelChatWrapper(engine: Engine, model: LlamaModel): ChatWrapper {
  const wrapper = engine.resolveChatWrapper(model);
  const template = model.fileInfo.metadata.tokenizer.chat_template ?? "";
  if (model.tokens.shouldPrependBosToken || template === "" || template.includes("bos_token")) return wrapper;
  return overriding(wrapper, (state) => {
    const [first, ...rest] = state.contextText.values;
    return first instanceof engine.SpecialToken && first.value === "BOS" ? { ...state, contextText: engine.LlamaText(rest) } : state;
  });
}

/** A wrapper whose reply is a tool call from its first token on. */
export function callingWrapper(wrapper: ChatWrapper): ChatWrapper {
  return overriding(wrapper, ({ contextText, stopGenerationTriggers, ignoreStartText }) => ({
    contextText,
    stopGenerationTriggers,
    ...(ignoreStartText === undefined ? {} : { ignoreStartText }),
    functionCall: { initiallyEngaged: true, disengageInitiallyEngaged: [] },
  }));
}
