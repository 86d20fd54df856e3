import { APICallError } from "@ai-sdk/provider";
import { localLms } from "./lms.ts";
import type { LmStudioAt } from "./lmstudio-at.ts";
import type { LmStudioList } from "./lmstudio-list.ts";
import { postNative, tooOld } from "./post-native.ts";

const never = new AbortController().signal;

/** Takes all copies of a model out of memory; one that has left already is fine. */
export async function unloadListed({ server, places }: LmStudioAt, api: LmStudioList["api"], instances: readonly string[]): Promise<void> {
  const lms = api === "v1" ? undefined : await localLms(server, places);
  for (const id of instances) {
    if (api === "v1") await unloadInstance(server, id);
    else if (lms === undefined) throw tooOld(server);
    else await lms.run(["unload", id, ...lms.reach], never);
  }
}

async function unloadInstance(server: LmStudioAt["server"], id: string): Promise<void> {
  try {
    await postNative(server, "/api/v1/models/unload", { instance_id: id }, never);
  } catch (error) {
    if (!APICallError.isInstance(error) || error.statusCode !== 404) throw error;
  }
}
