import type { LanguageModelV4ReasoningPart } from "@ai-sdk/provider";
import type { CouncilModel } from "../../model.ts";
import { codeAlone } from "./code-alone.ts";
import { modelFacts } from "../../catalogue/model-facts.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { USUAL_REMEDIES } from "../../remedies.ts";
import { bodyWith } from "../body-with.ts";
import { citedSources } from "../cited-sources.ts";
import { cloudModel } from "../cloud-model.ts";
import { recallingThinking } from "../recalled-thinking.ts";
import { withParts } from "../with-parts.ts";
import { annotationsIn } from "./annotations.ts";
import { asidesAsThinking } from "./asides-as-thinking.ts";

export async function createOpenAi(openai: Backend, options: CloudOptions): Promise<CouncilModel> {
  const { createOpenAI } = await import("@ai-sdk/openai");
  const { model, baseUrl, apiKey = "" } = options;
  const fetch = cloudFetch({ secrets: [apiKey], body: bodyWith(options.body, options.fields) });
  const provider = createOpenAI({ baseURL: baseUrl, apiKey, fetch });
  const readers = [asidesAsThinking, () => citedSources(annotationsIn), codeAlone];
  const languageModel = readers.reduce(withParts, recallingThinking(provider.responses(model), { keeps: isEncrypted }));
  const seat = cloudModel(openai, languageModel, options, {
    // Nothing of a run is kept at OpenAI, unless a config asks for it: every call brings all that it needs.
    always: { openai: { store: options.body?.["store"] === true } },
    ...(modelFacts(openai.type, model).reasoning && { ballot: briefly }),
    ofRun: (run) => ({ openai: { promptCacheKey: `massgen-${run}` } }),
  });
  return baseUrl === openai.baseUrl ? seat : { ...seat, place: { name: new URL(baseUrl).origin, remedies: elsewhere } };
}

/** What OpenAI does not keep it takes back encrypted. */
function isEncrypted({ providerOptions }: LanguageModelV4ReasoningPart): boolean {
  return typeof providerOptions?.["openai"]?.["reasoningEncryptedContent"] === "string";
}

/** A choice needs little thinking and no account of it. An effort that a config names counts more: it is put into the body afterwards. */
const briefly = { openai: { reasoningEffort: "low", reasoningSummary: null } };

/** Other servers mostly speak the older interface alone. */
const speaksAnother = "does the server speak the Responses API? type: chatcompletion is for those that do not";
const elsewhere = { ...USUAL_REMEDIES, path: speaksAnother, "web-page": speaksAnother };
