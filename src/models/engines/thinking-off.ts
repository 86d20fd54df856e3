import { isJson } from "../backends/chatcompletion/wire.ts";

/** Fields that keep a chat template from opening a thinking block, beside what a config itself hands to the template. */
export function thinkingOff({ chat_template_kwargs: kwargs }: Readonly<Record<string, unknown>>): {
  readonly chat_template_kwargs: { readonly enable_thinking: false };
} {
  return { chat_template_kwargs: { ...(isJson(kwargs) ? kwargs : {}), enable_thinking: false } };
}
