/** Whether a chat template is one of a model that thinks: it opens, closes or asks for thinking. */
export function thinksBy(template: string): boolean {
  return /enable_thinking|<\/?think>|reasoning_content|\[THINK\]|thinking/u.test(template);
}

/** Whether a chat template knows tools. */
export function callsToolsBy(template: string): boolean {
  return /\btools\b/u.test(template);
}
