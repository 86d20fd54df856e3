import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder in which these packages are installed, by name with the text of their one module, until the test is over. */
export function folderWith(
  packages: Readonly<Record<string, string>>,
  manifest: object = { type: "module", exports: "./index.js" },
): string {
  const folder = mkdtempSync(join(tmpdir(), "massgen-packages-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(packages)) {
    const place = join(folder, "node_modules", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), JSON.stringify({ name, version: "1.2.3", ...manifest }));
    writeFileSync(join(place, "index.js"), text);
  }
  return folder;
}

/** A module of a provider whose models say "Hello." as that version of the AI SDK does. */
export function providerModule(version: "v2" | "v3" | "v4" | "v1"): string {
  const finish =
    version === "v2"
      ? `{ type: "finish", finishReason: "unknown", usage: { inputTokens: 7, outputTokens: 3, cachedInputTokens: 2 } }`
      : `{ type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage: { inputTokens: { total: 7, cacheRead: 2 }, outputTokens: { total: 3 } } }`;
  return `
    export const seen = [];
    export function createThing(settings) {
      const languageModel = (modelId) => ({
        specificationVersion: "${version}", provider: "thing-cloud.chat", modelId, supportedUrls: {},
        doGenerate: async (options) => (seen.push({ settings, options }), { ...${finish}, type: undefined, content: [{ type: "text", text: "Hello." }], warnings: [] }),
        doStream: async (options) => {
          seen.push({ settings, options });
          const parts = [{ type: "stream-start", warnings: [] }, { type: "text-start", id: "1" }, { type: "text-delta", id: "1", delta: "Hello." }, { type: "text-end", id: "1" }, ${finish}];
          return { stream: ReadableStream.from(parts) };
        },
      });
      return { languageModel };
    }`;
}
