import type { Backend } from "../backend.ts";

/**
 * What models behind OpenAI's chat completions can do at most; what one of them can is found out (`probe-server.ts`), known
 * (`providers.ts`) or tried. Configs seat it by the address they name.
 */
export const chatcompletion: Pick<Backend, "type" | "title" | "capabilities" | "ownTools"> = {
  type: "chatcompletion",
  title: "Any OpenAI-compatible server",
  capabilities: { ballots: "native", reasoning: true, images: true, files: false, tools: true, mixesTools: true },
  ownTools: {},
};
