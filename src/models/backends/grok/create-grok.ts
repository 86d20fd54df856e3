import type { JSONObject } from "@ai-sdk/provider";
import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import { isJson } from "../chatcompletion/wire.ts";
import { cloudModel } from "../cloud-model.ts";
import { withParts } from "../with-parts.ts";
import { readGrok } from "./read-grok.ts";
import type { Backend, CloudOptions } from "../backend.ts";

export async function createGrok(grok: Backend, options: CloudOptions): Promise<CouncilModel> {
  const { createXai } = await import("@ai-sdk/xai");
  const { model, baseUrl, apiKey = "", fields, body = {} } = options;
  const effort = fields["reasoning_effort"] as string | undefined;
  const fetch = cloudFetch({ secrets: [apiKey], body: { ...stateless, ...withEffort(body, effort) } });
  const languageModel = withParts(createXai({ baseURL: baseUrl, apiKey, fetch }).responses(model), readGrok);
  return cloudModel(grok, languageModel, options, {
    ...(options.code && { always: { xai: { include: ["code_interpreter_call.outputs"] } } }),
    ofRun: (run) => ({ xai: { promptCacheKey: `massgen-${run}` } }),
  });
}

/** Nothing of a run is kept at xAI, unless a config asks for it. */
const stateless = { store: false };

/** One in the body counts more. */
function withEffort(body: JSONObject, effort: string | undefined): JSONObject {
  if (effort === undefined) return body;
  return { ...body, reasoning: { effort, ...(isJson(body["reasoning"]) ? body["reasoning"] : {}) } };
}
