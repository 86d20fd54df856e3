import { totalmem } from "node:os";
import type { Surroundings } from "../config/council.ts";
import { keysIn } from "../config/keys.ts";
import { probeServer } from "../models/backends/chatcompletion/probe-server.ts";
import { discover } from "../models/engines/discover.ts";
import { createEngine } from "../models/engines/create-engine.ts";
import { askAtTerminal } from "./ask-at-terminal.ts";
import { findEmbeddedEngine } from "../models/backends/embedded/find-embedded-engine.ts";
import { createExperienceStore } from "../models/experience-store.ts";
import { offerDownloads } from "./offer-downloads.ts";
import { foldersOf, type Session } from "./session.ts";
import type { Fetch } from "../tools/mcp/bounded-fetch.ts";
import { version } from "./version.ts";

/** The machine and the person as a council is built between them. Servers may repeat keys in what they say, so they are kept from being shown. */
export function surroundingsOf(session: Session): Surroundings {
  const { io, narrator, secrets } = session;
  for (const key of keysIn(io.environment)) secrets.add(key);
  return {
    environment: io.environment,
    folders: foldersOf(io),
    where: { folder: io.folder, configFolder: foldersOf(io).config },
    memoryBytes: memoryBytes(),
    offer: offerDownloads(session),
    allow: askAtTerminal(session),
    tell: (text) => narrator.status(text),
    probe: probeServer,
    discover,
    createEngine: (kind, address) => createEngine(kind, address),
    findEngine: findEmbeddedEngine,
    experience: createExperienceStore(foldersOf(io).experience, Date.now),
    async openServer(server, signal) {
      const [{ openMcpServer }, { fetchModel }] = await Promise.all([
        import("../tools/mcp/open-mcp-server.ts"),
        import("../models/http/dispatcher.ts"),
      ]);
      return openMcpServer(server, { fetch: fetchModel as Fetch, version: version() }, signal);
    },
  };
}

/** What this process may use: containers are given less than the machine has. */
export function memoryBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}
