import type { Missing, Surroundings } from "../config/council.ts";
import { MassgenError } from "../core/errors.ts";
import { sizeInWords, toyModel } from "../models/files/catalogue.ts";
import { askAtTerminal } from "./ask-at-terminal.ts";
import { downloadBar } from "./download-bar.ts";
import { foldersOf, type Session } from "./session.ts";

/**
 * Fetches what the embedded engine lacks. The small model of a first run is fetched after saying so; anything else needs a yes, given at the
 * terminal or by `--yes`. Throws `engine-missing` with the commands to type where nobody can be asked or the answer is no.
 */
export function offerDownloads(session: Session): Surroundings["offer"] {
  const { io, narrator } = session;
  const ask = askAtTerminal(session);
  const announce = (sentence: string): void => narrator.line({ tone: "plain", text: sentence });
  return async (missing, signal) => {
    if (needsConsent(missing) && !(await ask(`Fetch ${wanted(missing)}?`, signal))) throw declined(missing);
    const { engines, models } = foldersOf(io);
    if (missing.engine) {
      const { installEmbedded } = await import("../models/backends/embedded/install-engine.ts");
      await installEmbedded({ enginesDir: engines, announce }, signal);
    }
    if (missing.model === undefined) return;
    const { pullModel } = await import("../models/files/pull-model.ts");
    await pullModel(missing.model.name, { modelsDir: models, announce, onProgress: downloadBar(session) }, signal);
  };
}

function needsConsent({ engine, model }: Missing): boolean {
  return engine || (model !== undefined && model.name !== toyModel);
}

function wanted({ engine, model }: Missing): string {
  return [
    ...(engine ? ["the embedded engine (node-llama-cpp, about 85 MB, from the npm registry)"] : []),
    ...(model === undefined ? [] : [`the model ${model.name} (${sizeInWords(model.bytes)}, ${model.license}, from Hugging Face)`]),
  ].join(" and ");
}

function declined(missing: Missing): MassgenError {
  const commands = [
    ...(missing.engine ? ["massgen engines add embedded"] : []),
    ...(missing.model === undefined ? [] : [`massgen models pull ${missing.model.name}`]),
  ];
  const sentence = `Nothing on this machine can answer yet: ${missing.engine ? "the embedded engine is not installed" : `the model ${missing.model?.name ?? ""} is not here`}.`;
  const hint = `To fetch ${wanted(missing)}:\n${commands.map((command) => `  ${command}`).join("\n")}\nor the same command with --yes; or start a local server such as LM Studio or Ollama.`;
  return new MassgenError("engine-missing", sentence, { hint });
}
