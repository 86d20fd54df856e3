import { placeOfModel } from "../../config/models-here.ts";
import { isHere, type ModelFit, modelFit } from "../../config/model-facts.ts";
import { orSentence } from "../../config/look-at-address.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import type { EngineModel, Slots, Sourced } from "../../models/engines/engine.ts";
import { counted, grouped } from "../../views/measures.ts";
import { plainText } from "../../views/plain-text.ts";
import { table, wrapped } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { listingsFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import type { Session } from "../session.ts";
import { memoryBytes } from "../surroundings.ts";
import { tellProblems } from "./models-list.ts";

type Show = Extract<Command, { type: "show-model" }>;

/** Shows all that is known of a model, each value with its source, and what it takes in memory. */
export async function showModel({ model: name, engine: where }: Show, session: Session): Promise<number> {
  const { io, output } = session;
  const { place, slots } = await interruptible(io, async (signal) => {
    const listings = await listingsFor(where, session, signal);
    tellProblems(listings, session);
    const found = placeOfModel(name, listings);
    const asked = await orSentence(found.engine, found.engine.slots(found.model, signal));
    return { place: found, slots: "value" in asked ? asked.value : undefined };
  });
  const { engine, model } = place;
  const fit = modelFit(engine, model, { memoryBytes: memoryBytes(), ...(slots && { slots }) });
  const machineBytes = isHere(engine) ? memoryBytes() : undefined;
  const lines = output.json
    ? [
        JSON.stringify({
          engine: engine.kind,
          origin: engine.origin,
          ...model,
          ...(slots && { slots: slots.slots }),
          memory: { ...fit?.need, machineBytes },
        }),
      ]
    : [plainText(model.id), `  on ${engine.name}`, "", ...factLines(model, slots), "", ...memoryLines(fit, machineBytes)];
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

const COLUMNS = 100;

const yesOrNo = (fact: boolean): string => (fact ? "yes" : "no");

function factLines(model: EngineModel, slots: Slots | undefined): readonly string[] {
  const row = <Value>(name: string, fact: Sourced<Value> | undefined, inWords: (value: Value) => string): readonly string[] => [
    name,
    fact === undefined ? "not told" : plainText(inWords(fact.value)),
    plainText(fact?.source ?? ""),
  ];
  return table([
    row("size of its weights", model.sizeBytes, sizeInWords),
    row("weights stored as", model.quantization, String),
    row("context, trained", model.contextTrained, (tokens) => counted(tokens, "token")),
    row("context, as loaded", model.contextLoaded, (tokens) => counted(tokens, "token")),
    row("a token's memory", model.contextBytesPerToken, (bytes) => counted(bytes, "byte")),
    row("calls at once", slots?.slots, String),
    row("shared context", slots?.poolTokens, (tokens) => counted(tokens, "token")),
    row("in memory", model.loaded, yesOrNo),
    row("calls tools", model.tools, yesOrNo),
    row("sees pictures", model.vision, yesOrNo),
    row("can think first", model.reasoning, yesOrNo),
  ]).map((line) => `  ${line}`);
}

/** The arithmetic, as somebody would do it by hand. */
function memoryLines(fit: ModelFit | undefined, machineBytes: number | undefined): readonly string[] {
  if (fit === undefined) return ["Memory: its engine does not tell how large it is."];
  const { weightsBytes, contextBytes, tokens, totalBytes } = fit.need;
  const sum =
    contextBytes === undefined || tokens === undefined
      ? `${sizeInWords(weightsBytes)} for its weights; what its context takes is not told`
      : `${sizeInWords(weightsBytes)} for its weights + ${grouped(tokens.bytesPerToken)} bytes × ${grouped(tokens.context)} tokens × ${counted(tokens.slots, "slot")} (${sizeInWords(contextBytes)}) = ${sizeInWords(totalBytes)}`;
  const here = machineBytes === undefined ? "" : `, of ${sizeInWords(machineBytes)} that this machine has`;
  const verdict = { fits: "It fits.", tight: "That is tight: a graphics card or a smaller context helps.", never: "It cannot fit." };
  return wrapped(`Memory, by arithmetic: ${sum}${here}. ${fit.fit === undefined ? "" : verdict[fit.fit]}`.trimEnd(), COLUMNS);
}
