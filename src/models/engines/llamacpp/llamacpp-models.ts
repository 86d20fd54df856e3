import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import type { EngineModel } from "../engine.ts";
import { count, known, text, truth } from "../sourced.ts";
import { UNBOUND } from "./template-knowledge.ts";
import { thinksBy } from "../template-signs.ts";

const LIST = "/v1/models";
const PROPS = "/props";

/** The models of a `llama-server`: the one it serves, or in router mode all it may load. */
export function llamaCppModels(list: unknown, props: unknown): readonly EngineModel[] {
  const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
  return entries.flatMap((entry) => {
    const id = text(entry.id);
    return id === undefined ? [] : [describe(id, entry, isRouted(entry) ? {} : isJson(props) ? props : {})];
  });
}

/** Router mode serves many models and says of each what it is doing. */
export function isRouted(entry: Json): boolean {
  return statusOf(entry) !== undefined;
}

function statusOf({ status }: Json): string | undefined {
  return isJson(status) ? text(status.value) : undefined;
}

function describe(id: string, entry: Json, props: Json): EngineModel {
  const meta = isJson(entry.meta) ? entry.meta : {};
  const settings = isJson(props.default_generation_settings) ? props.default_generation_settings : {};
  const modalities = isJson(props.modalities) ? props.modalities : {};
  const caps = isJson(props.chat_template_caps) ? props.chat_template_caps : {};
  const template = text(props.chat_template);
  const status = statusOf(entry);
  return {
    id,
    ...known("contextTrained", count(meta.n_ctx_train), `meta.n_ctx_train of ${LIST}`),
    ...(count(settings.n_ctx) === undefined
      ? known("contextLoaded", count(meta.n_ctx), `meta.n_ctx of ${LIST}`)
      : known("contextLoaded", count(settings.n_ctx), `n_ctx of ${PROPS}`)),
    ...known("quantization", text(meta.ftype) ?? text(props.model_ftype), `ftype of ${LIST}`),
    ...known("sizeBytes", count(meta.size), `meta.size of ${LIST}`),
    ...known("vision", truth(modalities.vision), `modalities of ${PROPS}`),
    ...known("tools", truth(caps.supports_tools), `chat_template_caps of ${PROPS}`),
    ...known("reasoning", template === undefined ? undefined : thinksBy(template), `chat_template of ${PROPS}`),
    ...known("obeysSchema", template === undefined ? undefined : !UNBOUND.test(template), `chat_template of ${PROPS}`),
    loaded:
      status === undefined ? { value: true, source: "it serves this model" } : { value: status === "loaded", source: `status of ${LIST}` },
    ...known("slots", count(props.total_slots), `total_slots of ${PROPS}`),
  };
}
