import type { Remedies } from "../remedies.ts";
import type { EngineKind } from "./engine.ts";
import { servedEngines } from "./served-engines.ts";

const NAME_ONE = "massgen doctor shows what is there";

/** What helps with every engine that has a server. */
const served: Remedies = {
  images: "take a model that sees, or say so in its backend: accepts: []",
  "image-type": "save it as PNG or JPEG",
  "too-large": "scale the images down, or attach less",
  auth: "set api_key of the backend to the key it was started with",
  connection: "if it has died, its log says why",
  "invalid-reply": "if that goes on, try another model or a newer version",
  loading: "it is asked again once it is ready",
  overloaded: "if that goes on, lower parallel of the backend",
  "server-error": "its log says why",
  timeout: "if it is slow, take a smaller model or fewer agents",
  unavailable: "its log says why",
  "web-page": "is base_url its own address, and not that of a proxy?",
};

const own: Readonly<Record<EngineKind, Remedies>> = {
  lmstudio: {
    "not-running": `start it with ${servedEngines.lmstudio.start}`,
    auth: "set api_key of the backend, or the variable LM_API_TOKEN, to a token made in LM Studio",
    "not-found": `${NAME_ONE}, lms get fetches more`,
    "context-overflow": "load the model with a larger context_length",
    "out-of-memory": "take a smaller model or context_length, or lms unload another",
    unavailable: "load the model again, lms log stream says why",
    tools: "ballots go by schema or text instead",
  },
  llamacpp: {
    "not-running": `start it with ${servedEngines.llamacpp.start}`,
    auth: "set api_key of the backend to what it was started with as --api-key",
    "not-found": NAME_ONE,
    "context-overflow": "start it with a larger --ctx-size",
    "out-of-memory": "start it with a smaller model, --ctx-size or --parallel",
    images: "start it with the --mmproj of its model",
    tools: "start it with --jinja, until then ballots go by schema or text",
  },
  ollama: {
    "not-running": `start it with ${servedEngines.ollama.start}`,
    auth: "something before it asks for a key: set api_key of the backend",
    "not-found": "ollama list shows what is there, ollama pull fetches more",
    "context-overflow": "set a larger context_length of the backend",
    "out-of-memory": "take a smaller model or context_length, or ollama stop another",
    tools: "take a model with tools, until then ballots go by schema or text",
  },
  vllm: {
    "not-running": `it opens its port once its model is loaded, start it with ${servedEngines.vllm.start}`,
    auth: "set api_key of the backend to what it was started with as --api-key",
    "not-found": NAME_ONE,
    "context-overflow": "start it with a larger --max-model-len",
    "out-of-memory": "start it with a smaller --max-model-len or another --gpu-memory-utilization",
    unavailable: "start it again, its log says why",
    tools: "start it with --enable-auto-tool-choice and --tool-call-parser, until then ballots go by schema or text",
  },
  sglang: {
    "not-running": `it opens its port once its model is loaded, start it with ${servedEngines.sglang.start}`,
    auth: "set api_key of the backend to what it was started with as --api-key",
    "not-found": NAME_ONE,
    "context-overflow": "start it with a larger --context-length",
    "out-of-memory": "start it with a smaller --context-length or --mem-fraction-static",
    overloaded: "if it is still starting, wait until its model is loaded",
    tools: "start it with --tool-call-parser, until then ballots go by schema or text",
  },
  embedded: {
    "context-overflow": "set a larger context_length of the backend",
    "out-of-memory": "take a smaller model or context_length",
    timeout: "if it is slow, take a smaller model or fewer agents",
  },
};

/** What a person can do about trouble with an engine, by kind of trouble. */
export function remediesFor(kind: EngineKind): Remedies {
  return kind === "embedded" ? own[kind] : { ...served, ...own[kind] };
}
