import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type GgufHeader, readGgufHeader } from "../../files/gguf-header.ts";
import type { EngineModel } from "../engine.ts";
import { known } from "../sourced.ts";
import { callsToolsBy, thinksBy } from "../template-signs.ts";

const HEADER = "the file's header";

/** A model file that the embedded engine can run. */
export interface ModelFile {
  readonly path: string;
  readonly model: EngineModel;
}

/** The model files of a folder, by the names they have without their ending; what is no model file is passed over. */
export function modelFilesIn(folder: string): readonly ModelFile[] {
  return filesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    const header = headerOf(path);
    return header === undefined ? [] : [{ path, model: describe(path, header) }];
  });
}

/** None where there is no such folder yet. Of a model in several files the first stands for all. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.gguf$/iu.test(name) && !/-000(?!01)\d{2}-of-\d{5}/u.test(name));
  } catch {
    return [];
  }
}

function headerOf(path: string): GgufHeader | undefined {
  try {
    return readGgufHeader(path);
  } catch {
    return undefined;
  }
}

function describe(path: string, { contextTokens, contextBytesPerToken, quantization, chatTemplate }: GgufHeader): EngineModel {
  return {
    id: basename(path).replace(/\.gguf$/iu, ""),
    ...known("contextTrained", contextTokens, HEADER),
    ...known("quantization", quantization, HEADER),
    ...known("contextBytesPerToken", contextBytesPerToken, HEADER),
    sizeBytes: { value: statSync(path).size, source: "the file" },
    vision: { value: false, source: "this engine reads text alone" },
    ...known("tools", chatTemplate === undefined ? undefined : callsToolsBy(chatTemplate), "the chat template in the file"),
    ...known("reasoning", chatTemplate === undefined ? undefined : thinksBy(chatTemplate), "the chat template in the file"),
  };
}
