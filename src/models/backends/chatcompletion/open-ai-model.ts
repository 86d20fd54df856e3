import type { LanguageModelV4 } from "@ai-sdk/provider";
import { fetchModel } from "../../http/dispatcher.ts";
import { SHORTEST_SECRET } from "../../http/without-secrets.ts";
import { lateModel } from "../late-model.ts";
import { requireSendable } from "../require-sendable.ts";
import { leavingOutRefused } from "./leave-out-refused.ts";
import { normalisingFetch, type Fetch } from "./normalise-reply.ts";
import { convertUsage } from "./normalise-usage.ts";

export interface OpenAiModelOptions {
  /** Names the backend, and in provider options the fields that go into a request's body as they are. */
  readonly provider: string;
  readonly model: string;
  /** The address up to and with `/v1`. */
  readonly baseUrl: string;
  /** Sent to the host of `baseUrl` and to no other. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: Fetch;
  /** Brings the body of a request into the form this server takes. */
  readonly transformBody?: (body: Record<string, unknown>) => Record<string, unknown>;
}

/**
 * A language model behind the OpenAI protocol that reads whatever servers make of it. Its package is loaded by its first call.
 * @throws MassgenError `config` when the key or a header cannot be sent
 */
export function openAiModel(options: OpenAiModelOptions): LanguageModelV4 {
  const { provider: name, model, baseUrl, apiKey, headers = {}, fetch = fetchModel, transformBody } = options;
  const key = apiKey?.trim() ?? "";
  for (const value of [key, ...Object.values(headers)]) requireSendable(value, `${name}/${model}`);
  const secrets = [key, ...Object.values(headers)].filter((secret) => secret.length >= SHORTEST_SECRET);
  const settings = {
    name,
    baseURL: baseUrl,
    includeUsage: true,
    supportsStructuredOutputs: true,
    convertUsage,
    ...(transformBody === undefined ? {} : { transformRequestBody: transformBody }),
    // The SDK asks for the type of the global `fetch`, of which it uses what every `fetch` has.
    fetch: normalisingFetch(leavingOutRefused(fetch), secrets) as unknown as typeof globalThis.fetch,
    headers: { ...headers },
    ...(key === "" ? {} : { apiKey: key }),
  };
  return lateModel(`${name}.chat`, model, async () => {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    return createOpenAICompatible(settings).chatModel(model);
  });
}

/** A tool chosen by name is sent as the only one, with `required`: an object is refused by LM Studio and ignored by llama.cpp. */
export function onlyChosenTool(body: Record<string, unknown>): Record<string, unknown> {
  const { tool_choice: choice, tools } = body as { tool_choice?: { function?: { name?: string } } | string; tools?: readonly WireTool[] };
  if (typeof choice !== "object" || tools === undefined) return body;
  return { ...body, tools: tools.filter((tool) => tool.function.name === choice.function?.name), tool_choice: "required" };
}

interface WireTool {
  readonly function: { readonly name: string };
}
