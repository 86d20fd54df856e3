import { agentSnippet } from "../../config/agent-snippet.ts";
import { type Listing, type Place, modelsOf, placeOfModel } from "../../config/models-here.ts";
import { isHere, modelFit } from "../../config/model-facts.ts";
import { mayBeTaken } from "../../config/served-model.ts";
import { MassgenError } from "../../core/errors.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { measureSpeed, REPLY_TOKENS, type Speed } from "../../models/tuning/measure-speed.ts";
import { DRAFT_PROMPT_TOKENS, DRAFT_TOKENS, DRAFTS, type Proposal, proposeSettings } from "../../models/tuning/propose-settings.ts";
import { slotAdvice } from "../../models/tuning/slot-advice.ts";
import { counted, duration } from "../../views/measures.ts";
import { table, wrapped } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { enginesFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import type { Session } from "../session.ts";
import { memoryBytes } from "../surroundings.ts";
import { attempt } from "./models-load.ts";

type Tune = Extract<Command, { type: "tune" }>;

/** More than a council of three has any use for is not measured. */
const MOST_CALLS = 4;
const COLUMNS = 100;

interface Measured {
  readonly place: Place;
  readonly slots: number;
  readonly speeds: readonly Speed[];
}

/** Measures an engine of this machine with a few short prompts, and names settings with the gain that follows from the measurements. */
export async function tune({ engine: where, model }: Tune, session: Session): Promise<number> {
  const { io, output } = session;
  const measured = await interruptible(io, async (signal) => {
    const listings = await modelsOf(await enginesFor(where, session, signal), signal);
    const place = model === undefined ? usualPlace(listings) : placeOfModel(model, listings);
    if (!isHere(place.engine)) throw new MassgenError("config", `${place.engine.name} is not on this machine, so it is not measured.`);
    if (place.model.remote?.value === true) {
      throw new MassgenError("config", `${place.engine.name} passes ${place.model.id} on to a cloud, so it is not measured.`);
    }
    return measure(place, session, signal);
  });
  const proposal = proposeSettings(measured.speeds);
  const lines = output.json ? jsonLines(measured, proposal) : textLines(measured, proposal);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

/** A model that is in memory already goes before all others. */
function usualPlace(listings: readonly Listing[]): Place {
  const places = listings.flatMap(({ found: { engine, probe }, models }) =>
    engine === undefined || probe.type !== "ready" ? [] : models.filter(mayBeTaken).map((model) => ({ engine, model })),
  );
  const place = places.find(({ model }) => model.loaded?.value === true) ?? places[0];
  if (place !== undefined) return place;
  throw new MassgenError("config", "No engine on this machine is ready with a model that could be measured.", {
    hint: "massgen doctor says why.",
  });
}

async function measure(place: Place, session: Session, signal: AbortSignal): Promise<Measured> {
  const { narrator, io } = session;
  const { engine, model } = place;
  const { slots } = await attempt(engine, () => engine.slots(model, signal));
  const most = Math.min(slots.value, MOST_CALLS);
  const counts = Array.from({ length: most }, (_, at) => at + 1);
  const total = counts.reduce((sum, count) => sum + count, 0) + 1;
  const text = `Measuring ${model.id} at ${engine.name}: ${total} short prompts with replies of ${REPLY_TOKENS} tokens. Nothing leaves this machine.`;
  narrator.line({ tone: "plain", text });
  const run = async (calls: number, name: string): Promise<Speed> => {
    narrator.status(`${calls} at once`);
    const seed = `${name}-${io.clock.now().toString(36)}`;
    const speed = await attempt(engine, () => measureSpeed({ engine, model, calls, seed }, io.clock, signal));
    narrator.status("");
    return speed;
  };
  try {
    // The first call may load the model; its time says nothing about speed.
    await run(1, "first");
    const speeds: Speed[] = [];
    for (const calls of counts) speeds.push(await run(calls, `at${calls}`));
    return { place, slots: slots.value, speeds };
  } finally {
    if (engine.kind === "embedded") await engine.unload?.(model.id, signal);
  }
}

function jsonLines({ place, slots, speeds }: Measured, proposal: Proposal | undefined): readonly string[] {
  const { engine, model } = place;
  const name = { engine: engine.kind, origin: engine.origin, name: model.id };
  const measured = speeds.map((speed) => JSON.stringify({ check: "speed", ...name, ...speed }));
  return [...measured, JSON.stringify({ check: "tune", ...name, slots, ...proposal })];
}

const rate = (speed: number | undefined): string => (speed === undefined ? "not told" : `${speed.toFixed(1)} tokens/s`);

function textLines({ place, slots, speeds }: Measured, proposal: Proposal | undefined): readonly string[] {
  const rows = speeds.map((speed) => [
    String(speed.calls),
    rate(speed.promptPerSecond),
    rate(speed.tokensPerSecond),
    rate(speed.outputTokens === undefined ? undefined : (speed.outputTokens * 1_000) / speed.wallMs),
    duration(speed.wallMs),
  ]);
  const measured = table(
    [["AT ONCE", "READING", "WRITING", "ALL TOGETHER", "TOOK"], ...rows],
    ["right", "right", "right", "right", "right"],
  );
  return [
    `Measured: ${place.model.id} at ${place.engine.name}`,
    ...measured,
    "",
    ...memoryLine(place),
    ...proposalLines(place, slots, proposal),
  ];
}

function memoryLine({ engine, model }: Place): readonly string[] {
  const fit = modelFit(engine, model, { memoryBytes: memoryBytes() });
  if (fit === undefined) return [];
  const of = `of ${sizeInWords(memoryBytes())} on this machine`;
  return [
    `By arithmetic: ${sizeInWords(fit.need.totalBytes)} ${fit.need.contextBytes === undefined ? "without its context " : ""}${of}.`,
    "",
  ];
}

function proposalLines({ engine, model }: Place, slots: number, proposal: Proposal | undefined): readonly string[] {
  if (proposal === undefined)
    return ["Too little could be measured to propose anything: its replies are too short, or it tells no tokens."];
  const { parallel, draftsMs, oneByOneMs, isMost } = proposal;
  const drafts = `${DRAFTS} drafts (${DRAFT_PROMPT_TOKENS} tokens read, ${DRAFT_TOKENS} written each)`;
  const saved = Math.round((1 - draftsMs / oneByOneMs) * 100);
  const several = slots === 1 ? "" : " Several at once gain less than 5 %.";
  const gain =
    parallel === 1
      ? `${drafts} take ${duration(oneByOneMs)} one after the other.${several}`
      : `${drafts} take ${duration(draftsMs)} with ${parallel} at once and ${duration(oneByOneMs)} one after the other: ${saved} % less.`;
  const unmeasured = `It has ${counted(slots, "slot")}, so more at once was not measured. To measure that: ${slotAdvice(engine.kind, DRAFTS)}`;
  const more = isMost ? [unmeasured] : [];
  const change = parallel < slots ? [`It takes ${slots} at once; parallel: ${parallel} in the config holds a council to ${parallel}.`] : [];
  const advice = [`Computed from these measurements: ${gain}`, ...change, ...more].flatMap((text) => wrapped(text, COLUMNS));
  return [...advice, "", "For the config:", ...agentSnippet(engine, model, parallel)];
}
