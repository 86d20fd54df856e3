import { isHere, usualContext } from "../model-facts.ts";
import { type MemoryNeed, memoryNeed } from "../../models/engines/memory-need.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import type { EngineModel } from "../../models/engines/engine.ts";
import type { BackendConfig } from "../schema.ts";
import type { Seated } from "./check-backends.ts";
import type { Finding } from "./check.ts";

/** What a model of a config takes in the memory of this machine. */
export interface Taken {
  readonly model: string;
  /** Its engine, by address. */
  readonly engine: string;
  readonly need?: MemoryNeed;
}

/** Contexts that the embedded engine keeps side by side unless told otherwise. */
const LANES = 3;

/** The models of a config that are on this machine, each once however many agents share it. */
export function takenBy(seated: readonly Seated[]): readonly Taken[] {
  const all = seated.map((one) => ({ one, engine: engineOf(one) }));
  const taken = new Map<string, Taken>();
  for (const { one, engine } of all) {
    const { model, agent } = one;
    if (model === undefined || engine === undefined) continue;
    const sharers = all.filter((other) => other.engine === engine && other.one.model?.id === model.id).length;
    const need = memoryNeed(model, ...contexts(agent.backend, model, sharers));
    taken.set(`${engine} ${model.id}`, { model: model.id, engine, ...(need && { need }) });
  }
  return [...taken.values()];
}

/** Nothing where its memory is not that of this machine, or not known. */
function engineOf({ agent, answer }: Seated): string | undefined {
  if (agent.backend.type === "embedded") return "embedded:";
  const engine = answer?.type === "ready" ? answer.engine : undefined;
  return engine !== undefined && isHere(engine) ? engine.origin : undefined;
}

/** Tokens of a slot, and slots. */
function contexts(
  { type, context_length: context, parallel }: BackendConfig,
  model: EngineModel,
  sharers: number,
): readonly [number | undefined, number] {
  if (type !== "embedded") return [context ?? model.contextLoaded?.value, parallel ?? model.slots?.value ?? 1];
  return [context ?? usualContext(type, model), parallel ?? Math.min(sharers, LANES)];
}

/** Of a machine's memory, what its system and other programs need at least. */
const REST_BYTES = 2 ** 30;

/**
 * Whether the models of a config fit together, and what happens where they do not.
 * @param cardBytes of graphics cards; undefined where that is not known
 */
export function memoryFinding(taken: readonly Taken[], memoryBytes: number, cardBytes: number | undefined): Finding {
  const untold = taken.filter(({ need }) => need === undefined).map(({ model }) => model);
  const known = taken.flatMap(({ model, need }) => (need === undefined ? [] : [{ model, need }]));
  if (known.length === 0) return { status: "unknown", text: `by arithmetic: no engine tells how large ${untold.join(", ")} is` };
  const total = known.reduce((sum, { need }) => sum + need.totalBytes, 0);
  const parts = known.map(
    ({ model, need }) => `${model} ${sizeInWords(need.totalBytes)}${need.contextBytes === undefined ? " without its context" : ""}`,
  );
  const rest = untold.length === 0 ? "" : `; ${untold.join(", ")} not told`;
  const cards = (cardBytes ?? 0) === 0 ? "" : ` and ${sizeInWords(cardBytes ?? 0)} in graphics cards`;
  const text = `by arithmetic: ${parts.join(" + ")} = ${sizeInWords(total)}${rest}, of ${sizeInWords(memoryBytes)}${cards}`;
  if (total + REST_BYTES <= memoryBytes + (cardBytes ?? 0)) return { status: untold.length === 0 ? "ok" : "unknown", text };
  return { status: "warning", text: `${text}: they do not fit together`, hint: swapHint(taken) };
}

/** One engine can take turns with its models; several engines know nothing of each other. */
function swapHint(taken: readonly Taken[]): string {
  const engines = [...new Set(taken.map(({ engine }) => engine))];
  const swapping = engines.filter((engine) => taken.filter((one) => one.engine === engine).length > 1);
  if (taken.length === 1) return "Take a smaller model, or a smaller context_length.";
  if (swapping.length === 0) return "They are on different engines, which do not make room for each other: take smaller models.";
  return `Models at ${swapping.join(", ")} will take turns, and each change costs a load; one model for all agents costs none.`;
}
