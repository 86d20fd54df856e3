import { toyModel, findInCatalogue, sizeInWords } from "../../models/files/catalogue.ts";
import type { Engine } from "../../models/engines/engine.ts";
import { counted, inTokens } from "./words.ts";
import { type Around, looksHere } from "../engines-here.ts";
import { type Listing, modelsOf } from "../models-here.ts";
import { type Found, orSentence } from "../look-at-address.ts";
import { mayBeTaken } from "../served-model.ts";
import { type Check, type Finding, timed } from "./check.ts";

export interface EngineChecks {
  readonly checks: readonly Check[];
  /** Engines that are ready, with their models. */
  readonly listings: readonly Listing[];
  /** Whether one of them has a model that can converse. */
  readonly canAnswer: boolean;
}

/** All usual ports of this machine, and the embedded engine. */
export async function checkEngines(around: Around, now: () => number, signal: AbortSignal): Promise<EngineChecks> {
  const begun = now();
  const looks = await looksHere(around, signal);
  const places = await Promise.all(looks.map(async (look) => checkPlace(await look, { now, begun, signal })));
  const found = places.map(({ found: one }) => one);
  const listings = places.flatMap(({ listing }) => listing ?? []);
  const quiet = quietPorts(found, Math.round(now() - begun));
  const canAnswer = listings.some(({ found: { probe }, models }) => probe.type === "ready" && models.some(mayBeTaken));
  return { checks: [...places.flatMap(({ checks }) => checks), ...quiet], listings, canAnswer };
}

interface Checking {
  readonly now: () => number;
  readonly begun: number;
  readonly signal: AbortSignal;
}

interface CheckedPlace {
  readonly found: Found;
  readonly listing?: Listing;
  readonly checks: readonly Check[];
}

async function checkPlace(found: Found, checking: Checking): Promise<CheckedPlace> {
  const [listing] = await modelsOf([found], checking.signal);
  const known = { found, ...(listing && { listing }) };
  const { engine, probe } = found;
  if (engine?.kind === "embedded") {
    return { ...known, checks: [await timed(head("embedded engine"), checking.now, () => embeddedFinding(found, listing))] };
  }
  const isQuiet = probe.type === "down" && engine !== undefined;
  return { ...known, checks: isQuiet ? [] : await checksOf(found, listing, checking) };
}

const head = (target: string, check = "engine"): Pick<Check, "section" | "check" | "target"> => ({ section: "engines", check, target });

async function checksOf(found: Found, listing: Listing | undefined, { now, begun, signal }: Checking): Promise<readonly Check[]> {
  const itself = { ...head(found.name), ...engineFinding(found, listing), ms: Math.round(now() - begun) };
  const { engine } = found;
  // An engine that was cut off would be advised by what it had no time to say.
  if (engine === undefined || found.probe.type !== "ready" || listing?.problem !== undefined) return [itself];
  return [itself, ...inMemory(engine, listing), ...(await adviceOf(engine, now, signal))];
}

function readyFinding(version: string | undefined, listing: Listing | undefined): Finding {
  const ready = `ready${version === undefined ? "" : `, version ${version}`}`;
  if (listing?.problem !== undefined) return { state: "ready", status: "unknown", text: `${ready}, but: ${listing.problem}` };
  const count = listing?.models.length ?? 0;
  const text = `${ready}, ${counted(count, "model")}`;
  return count === 0 ? { state: "ready", status: "warning", text, hint: "Fetch a model with it." } : { state: "ready", status: "ok", text };
}

function engineFinding({ probe }: Found, listing: Listing | undefined): Finding {
  switch (probe.type) {
    case "ready":
      return readyFinding(probe.version, listing);
    case "loading":
      return { state: "loading", status: "warning", text: "is still loading its model", hint: "Wait a little and look again." };
    case "down":
      return { state: "down", status: "warning", text: probe.failure.message };
    case "refused":
      return { state: "refused", status: "failed", text: `does not let us in: ${probe.failure.message}`, hint: tokenHint };
    case "other":
      return {
        state: "other",
        status: "warning",
        text: `what answers there is ${probe.what}`,
        hint: "Nothing to do, unless you expected the engine there.",
      };
    case "unknown":
      return { state: "unknown", status: "unknown", text: `was cut off: ${probe.why}`, hint: "It may be busy. Look again, or restart it." };
  }
}

const tokenHint = "It wants a token: api_key in the config, or for LM Studio the variable LM_API_TOKEN.";

function inMemory({ name }: Engine, listing: Listing | undefined): readonly Check[] {
  const loaded = (listing?.models ?? []).filter((model) => model.loaded?.value === true);
  if (loaded.length === 0) return [];
  const text = loaded.map(({ id, sizeBytes, contextLoaded }) => {
    const facts = [sizeBytes && sizeInWords(sizeBytes.value), contextLoaded && inTokens(contextLoaded.value)].filter(Boolean).join(", ");
    return facts === "" ? id : `${id} (${facts})`;
  });
  return [{ ...head(name, "in-memory"), status: "ok", text: `in memory: ${text.join("; ")}`, ms: 0 }];
}

async function adviceOf(engine: Engine, now: () => number, signal: AbortSignal): Promise<readonly Check[]> {
  const begun = now();
  const asked = await orSentence(engine, engine.advice(signal));
  const ms = Math.round(now() - begun);
  const advice = "value" in asked ? asked.value : [];
  return advice.map((text) => ({ ...head(engine.name, "advice"), status: "warning", text, ms }));
}

function embeddedFinding({ probe }: Found, listing: Listing | undefined): Finding {
  const models = listing?.models ?? [];
  const files = counted(models.length, "model file");
  if (probe.type !== "ready") {
    const text = `is not installed; ${files}`;
    return { state: "down", status: "warning", text, hint: "massgen engines add embedded installs it (about 85 MB)." };
  }
  const isToy = models.length > 0 && models.every(({ id }) => findInCatalogue(`${id}.gguf`)?.name === toyModel);
  const text = `installed, version ${probe.version ?? "unknown"}, ${files}${isToy ? `: ${toyModel}, a toy` : ""}`;
  if (models.length > 0) return { state: "ready", status: "ok", text };
  return { state: "ready", status: "warning", text, hint: "massgen models list shows which models this machine carries." };
}

/** Ports at which nothing listens are no trouble, and one line is enough for them. */
function quietPorts(found: readonly Found[], ms: number): readonly Check[] {
  const down = found.filter(({ engine, probe }) => engine !== undefined && engine.kind !== "embedded" && probe.type === "down");
  if (down.length === 0) return [];
  const names = down.map(({ name }) => name.replace(/ at .*?(\d+)$/u, " ($1)"));
  return [{ ...head("other usual ports"), status: "ok", state: "down", text: `nothing listens: ${names.join(", ")}`, ms }];
}
