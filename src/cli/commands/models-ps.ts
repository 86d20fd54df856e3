import type { Listing } from "../../config/models-here.ts";
import { orSentence } from "../../config/look-at-address.ts";
import type { Engine, EngineModel } from "../../models/engines/engine.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { plainText } from "../../views/plain-text.ts";
import { table } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { listingsFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import { contextInWords, plainFacts } from "../model-rows.ts";
import type { Session } from "../session.ts";
import { tellProblems } from "./models-list.ts";

interface Loaded {
  readonly engine: Engine;
  readonly model: EngineModel;
  readonly slots: number | undefined;
  /** Calls its engine works on now, for any of its models. */
  readonly busy: number | undefined;
}

/** Lists the models that are in the memory of engines now. */
export async function listLoaded({ engine }: Extract<Command, { type: "loaded-models" }>, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const loaded = await interruptible(io, async (signal) => {
    const listings = await listingsFor(engine, session, signal);
    tellProblems(listings, session);
    return (await Promise.all(listings.map(async (listing) => loadedOf(listing, signal)))).flat();
  });
  if (output.json) for (const one of loaded) io.stdout.write(`${JSON.stringify(jsonOf(one))}\n`);
  else if (loaded.length === 0) narrator.line({ tone: "plain", text: "No engine has a model in memory." });
  else for (const line of tableOf(loaded)) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

async function loadedOf({ found: { engine }, models }: Listing, signal: AbortSignal): Promise<readonly Loaded[]> {
  const inMemory = models.filter(({ loaded }) => loaded?.value === true);
  if (engine === undefined || inMemory.length === 0) return [];
  const asked = engine.busy === undefined ? undefined : await orSentence(engine, engine.busy(signal));
  const busy = asked !== undefined && "value" in asked ? asked.value : undefined;
  return Promise.all(
    inMemory.map(async (model) => {
      const told = await orSentence(engine, engine.slots(model, signal));
      return { engine, model, slots: "value" in told ? told.value.slots.value : undefined, busy };
    }),
  );
}

function jsonOf({ engine, model, slots, busy }: Loaded): object {
  const { kind, origin } = engine;
  return { engine: kind, origin, name: model.id, ...plainFacts(model), ...(slots && { slots }), ...(busy !== undefined && { busy }) };
}

function tableOf(loaded: readonly Loaded[]): readonly string[] {
  const rows = loaded.map(({ engine, model, slots, busy }) => [
    plainText(model.id),
    engine.name,
    model.sizeBytes === undefined ? "" : sizeInWords(model.sizeBytes.value),
    contextInWords(model),
    slots === undefined ? "" : String(slots),
    busy === undefined ? "" : String(busy),
  ]);
  return table([["MODEL", "ENGINE", "SIZE", "CONTEXT", "SLOTS", "BUSY"], ...rows], ["left", "left", "right", "left", "right", "right"]);
}
