import { type Listing, type Place, placeOfModel } from "../../config/models-here.ts";
import { isHere, modelFit } from "../../config/model-facts.ts";
import { graphicsBytes, lookAtGraphics } from "../../config/doctor/graphics.ts";
import { MassgenError } from "../../core/errors.ts";
import type { Engine, EngineModel, LoadOptions } from "../../models/engines/engine.ts";
import { fitOf } from "../../models/engines/memory-need.ts";
import { failureOf } from "../../models/failure-of.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { duration, grouped } from "../../views/measures.ts";
import type { Command } from "../command.ts";
import { listingsFor } from "../engine-around.ts";
import { usageError } from "../flags.ts";
import { interruptible } from "../interruptible.ts";
import { loadBar } from "../load-bar.ts";
import { plainFacts } from "../model-rows.ts";
import type { Session } from "../session.ts";
import { memoryBytes } from "../surroundings.ts";
import { tellProblems } from "./models-list.ts";

type Load = Extract<Command, { type: "load-model" }>;
type Unload = Extract<Command, { type: "unload-model" }>;

/** Engines that let a model go after a time without calls, if told so. */
const knowTtl: ReadonlySet<Engine["kind"]> = new Set(["lmstudio", "ollama"]);

/** Has an engine read a model into its memory; what it is then goes to standard output. */
export async function loadModel({ model: name, engine: where, load: options }: Load, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const begun = io.clock.now();
  const { engine, model } = await interruptible(io, async (signal) => {
    const listings = await listingsFor(where, session, signal);
    tellProblems(listings, session);
    const place = placeOfModel(name, loadable(name, listings));
    if (options.ttlSeconds !== undefined && !knowTtl.has(place.engine.kind))
      throw usageError(`${place.engine.name} keeps its models until they are unloaded.`, "Leave --ttl out.");
    await refuseWhatCannotFit(place, options, session, signal);
    const bar = loadBar(session, place.model.id);
    await attempt(place.engine, async () => {
      for await (const progress of place.engine.load?.(place.model.id, options, signal) ?? []) bar(progress);
    });
    narrator.status("");
    const after = await attempt(place.engine, () => place.engine.models(signal));
    return { engine: place.engine, model: after.find(({ id }) => id === place.model.id) ?? place.model };
  });
  warnOfOther(model, options, session);
  const ms = Math.round(io.clock.now() - begun);
  const { kind, origin } = engine;
  const text = `${model.id} is in the memory of ${engine.name}${asLoaded(model)}.`;
  narrator.line({ tone: "faint", text: `That took ${duration(ms)}.` });
  io.stdout.write(`${output.json ? JSON.stringify({ engine: kind, origin, name: model.id, ...plainFacts(model), ms }) : text}\n`);
  await io.stdout.flushed();
  return 0;
}

/** Takes a model out of an engine's memory. */
export async function unloadModel({ model: name, engine: where }: Unload, session: Session): Promise<number> {
  const { io, output } = session;
  const { engine, model } = await interruptible(io, async (signal) => {
    const listings = await listingsFor(where, session, signal);
    tellProblems(listings, session);
    const place = placeOfModel(name, loadable(name, listings));
    if (place.model.loaded?.value !== false) await attempt(place.engine, async () => place.engine.unload?.(place.model.id, signal));
    return place;
  });
  const text = model.loaded?.value === false ? "was not in memory" : "is no longer in memory";
  const { kind, origin } = engine;
  io.stdout.write(
    `${output.json ? JSON.stringify({ engine: kind, origin, name: model.id, loaded: false }) : `${model.id} ${text} at ${engine.name}.`}\n`,
  );
  await io.stdout.flushed();
  return 0;
}

/** Engines that load and unload when they are told to; the embedded one does so within each run. */
function loadable(name: string, listings: readonly Listing[]): readonly Listing[] {
  const able = listings.filter(({ found: { engine } }) => engine?.kind !== "embedded" && engine?.load !== undefined);
  const has = ({ models }: Listing): boolean => models.some(({ id }) => id === name);
  const unable = listings.find((listing) => !able.includes(listing) && has(listing))?.found.engine;
  if (unable === undefined || able.some(has)) return able;
  throw new MassgenError("config", `${unable.name} has ${name} and cannot be told to load or unload it.`, {
    hint:
      unable.kind === "embedded"
        ? "It reads a model at the beginning of a run and gives it back at its end."
        : "It has its model in memory as long as it runs.",
  });
}

/** Only what is certain is refused: other programs may end, and what a graphics card holds we cannot see. */
async function refuseWhatCannotFit({ engine, model }: Place, options: LoadOptions, session: Session, signal: AbortSignal): Promise<void> {
  if (model.loaded?.value === true || !isHere(engine)) return;
  const { contextTokens } = options;
  const fit = modelFit(engine, model, { memoryBytes: memoryBytes(), ...(contextTokens && { contextTokens }) });
  if (fit === undefined || fit.fit === "fits") return;
  const inCards = graphicsBytes(await lookAtGraphics({ platform: session.io.platform, arch: process.arch }, signal));
  const all = memoryBytes() + (inCards ?? 0);
  const verdict = fitOf(fit.need, all);
  const sizes = `${model.id} takes ${sizeInWords(fit.need.totalBytes)} at least, and this machine has ${sizeInWords(all)}`;
  if (verdict === "never" && inCards !== undefined)
    throw new MassgenError("config", `${sizes}: it cannot be loaded.`, { hint: "massgen models list shows smaller ones." });
  if (verdict !== "fits") session.narrator.line({ tone: "warning", text: `${sizes}: that is tight.` });
}

/** What an engine did otherwise than it was told. */
function warnOfOther({ contextLoaded, slots }: EngineModel, { contextTokens, slots: wanted }: LoadOptions, { narrator }: Session): void {
  const told = [
    ["a context of", contextTokens, contextLoaded?.value],
    ["a number of slots of", wanted, slots?.value],
  ] as const;
  for (const [what, asked, has] of told) {
    if (asked === undefined || asked === has) continue;
    const now = has === undefined ? "the engine does not tell what it has" : `it has ${grouped(has)}, as the engine was started`;
    narrator.line({ tone: "warning", text: `It was told ${what} ${grouped(asked)}; ${now}.` });
  }
}

function asLoaded({ contextLoaded, slots }: EngineModel): string {
  const parts = [
    ...(contextLoaded === undefined ? [] : [`${grouped(contextLoaded.value)} tokens of context`]),
    ...(slots === undefined ? [] : [`${slots.value} at once`]),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

/** Throws `MassgenError` with the engine's own sentence. */
export async function attempt<Value>(engine: Engine, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MassgenError) throw error;
    throw new MassgenError("config", failureOf(error, engine.name, 0).message, { cause: error });
  }
}
