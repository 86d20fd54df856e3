import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import type { EngineModel, Sourced } from "../engine.ts";
import { count, known, text, truth } from "../sourced.ts";

const LIST = "/v1/models";
const INFO = "/get_server_info";

/**
 * The models of a SGLang server.
 * @param list of `/v1/models`
 * @param info how it was started; absent where it does not tell
 * @param about of `/get_model_info`
 */
export function sglangModels(list: unknown, info: Json, about: Json): readonly EngineModel[] {
  const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
  return entries.flatMap((entry) => {
    const id = text(entry.id);
    if (id === undefined) return [];
    return {
      id,
      ...sourced("contextLoaded", contextOf(entry, info)),
      ...known("quantization", text(info.quantization), `quantization of ${INFO}`),
      ...known("vision", truth(about.has_image_understanding), "has_image_understanding of /get_model_info"),
      // Without a parser it is the server that cannot; what the model was trained for is not known.
      ...known("tools", text(info.tool_call_parser) === undefined ? undefined : true, `tool_call_parser of ${INFO}`),
      ...known("reasoning", text(info.reasoning_parser) === undefined ? undefined : true, `reasoning_parser of ${INFO}`),
      loaded: { value: true, source: "it serves this model" },
      ...sourced("slots", slotsOf(info)),
    };
  });
}

/** A call must also fit into the memory that all share: what is longer than that is refused even when it runs alone. */
function contextOf(entry: Json, info: Json): Sourced<number> | undefined {
  const model = count(entry.max_model_len) ?? count(info.context_length);
  const memory = count(info.max_total_num_tokens);
  if (memory !== undefined && memory < (model ?? Infinity)) return { value: memory, source: `max_total_num_tokens of ${INFO}` };
  if (model === undefined) return undefined;
  return { value: model, source: count(entry.max_model_len) === undefined ? `context_length of ${INFO}` : `max_model_len of ${LIST}` };
}

/** What it was told is the most; what it found room for at its start holds where it says so. */
function slotsOf({ max_running_requests: told, dp_size: copies, internal_states: states }: Json): Sourced<number> | undefined {
  const [state] = Array.isArray(states) ? states : [];
  const each = isJson(state) ? count(state.effective_max_running_requests_per_dp) : undefined;
  if (each !== undefined) return { value: each * (count(copies) ?? 1), source: `internal_states of ${INFO}` };
  const most = count(told);
  return most === undefined ? undefined : { value: most, source: `max_running_requests of ${INFO}` };
}

function sourced<Name extends string, Value>(
  name: Name,
  { value, source }: Sourced<Value> | { readonly value?: undefined; readonly source?: undefined } = {},
): { readonly [Key in Name]?: Sourced<Value> } {
  return known(name, value, source ?? "");
}
