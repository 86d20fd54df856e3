import { type Around, enginesHere, enginesNamed } from "../config/engines-here.ts";
import { type Listing, modelsOf } from "../config/models-here.ts";
import { keysIn } from "../config/keys.ts";
import type { Found } from "../config/look-at-address.ts";
import { foldersOf, type Session } from "./session.ts";

/** Where engines are looked for. Keys of the environment may come back in what a server says, and are kept from being shown. */
function aroundOf({ io, secrets }: Session): Around {
  const { environment } = io;
  for (const key of keysIn(environment)) secrets.add(key);
  return { environment, folders: foldersOf(io) };
}

/** The engines that are named by `--engine`, else all of this machine. */
export async function enginesFor(name: string | undefined, session: Session, signal: AbortSignal): Promise<readonly Found[]> {
  const around = aroundOf(session);
  return name === undefined ? enginesHere(around, signal) : enginesNamed(name, around, signal);
}

/** Their models, and on standard error what could not be read. */
export async function listingsFor(name: string | undefined, session: Session, signal: AbortSignal): Promise<readonly Listing[]> {
  return modelsOf(await enginesFor(name, session, signal), signal);
}
