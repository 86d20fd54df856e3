import { readBounded } from "../../http/read-bounded.ts";
import type { Fetch } from "./normalise-reply.ts";
import { isJson, parseJson } from "./wire.ts";

/** Fields of ours that no reply depends on, each with the name that newer servers have for it, if any. */
const optionalFields: Readonly<Record<string, string | undefined>> = {
  max_tokens: "max_completion_tokens",
  max_completion_tokens: undefined,
  stream_options: undefined,
  temperature: undefined,
  top_p: undefined,
  top_k: undefined,
  seed: undefined,
  presence_penalty: undefined,
  frequency_penalty: undefined,
  chat_template_kwargs: undefined,
  thinking: undefined,
  prompt_cache_key: undefined,
  include: undefined,
  store: undefined,
  // OpenAI shows summaries to organizations that it has verified only.
  "reasoning.summary": undefined,
  "reasoning.effort": undefined,
  "text.verbosity": undefined,
};

const REFUSAL =
  /unsupported|not supported|does not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra|additional propert|deprecated for this|is allowed for this/iu;
/** Of two that do not go together the first stays, as in the catalogue of models. */
const NOT_TOGETHER = /cannot both/iu;
const LONGEST_ERROR = 64_000;

/**
 * Wraps `fetch` so that an optional field which a server refuses by name (400 or 422) is left out, or sent under its newer name, from then
 * on (decision 7). The request that found it out is sent again at once: it is another request, and the model has not been asked yet.
 */
export function leavingOutRefused(fetch: Fetch): Fetch {
  const refused = new Set<string>();
  return async (url, init) => {
    for (;;) {
      const body = typeof init?.body === "string" ? parseJson(init.body) : undefined;
      if (!isJson(body)) return fetch(url, init);
      const sent = refused.size === 0 ? body : without(body, refused);
      const response = await fetch(url, refused.size === 0 ? init : { ...init, body: JSON.stringify(sent) });
      if ((response.status !== 400 && response.status !== 422) || response.body === null) return response;
      const said = await readBounded(response.body.getReader(), LONGEST_ERROR);
      const field = refusedField(said, sent);
      if (field === undefined) return again(response, said);
      refused.add(field);
    }
  };
}

type Body = Readonly<Record<string, unknown>>;

/** @param within the field whose fields these are, with a dot behind it */
function without(body: Body, refused: ReadonlySet<string>, within = ""): Body {
  const entries = Object.entries(body).map(([name, value]): readonly [string, unknown] => {
    const path = within + name;
    const instead = refused.has(path) ? optionalFields[path] : name;
    const kept = isJson(value) && within === "" ? without(value, refused, `${name}.`) : value;
    return [instead === undefined || refused.has(instead) ? "" : instead, kept];
  });
  return Object.fromEntries(entries.filter(([name]) => name !== ""));
}

/** The optional field that was sent and that the refusal names. */
function refusedField(said: string, sent: Body): string | undefined {
  const isPair = NOT_TOGETHER.test(said);
  if (!isPair && !REFUSAL.test(said)) return undefined;
  const isNamed = (name: string): boolean => new RegExp(`\\b${name.replace(".", "\\.")}\\b`, "u").test(said);
  const named = Object.keys(optionalFields).filter((name) => isSent(name, sent) && isNamed(name));
  return isPair ? named[1] : named[0];
}

function isSent(path: string, body: Body): boolean {
  const [name = "", inner] = path.split(".");
  const value = body[name];
  return inner === undefined ? name in body : isJson(value) && inner in value;
}

/** The same answer once more, since its body has been read. */
async function again(response: Awaited<ReturnType<Fetch>>, body: string): ReturnType<Fetch> {
  const { Response } = await import("undici");
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers: [...headers].filter(([name]) => !/^content-(?:length|encoding)$/u.test(name)) });
}
