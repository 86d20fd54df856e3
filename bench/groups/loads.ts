import { createCouncil } from "../../src/library/index.ts";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import type { ServedKind } from "../../src/models/engines/served-engines.ts";
import { servedEngines } from "../../src/models/engines/served-engines.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import type { FakeEngine, FakeEngineOptions, FakeEngineRequest } from "../../src/testing/fake-engines/fake-engine.ts";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "../../src/testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "../../src/testing/fake-engines/ollama/start-fake-ollama.ts";
import { ballotFor } from "../first-choice.ts";
import type { Row } from "../rows.ts";

const FAKES: Partial<Record<ServedKind, (options: FakeEngineOptions) => Promise<FakeEngine>>> = {
  lmstudio: startFakeLmStudio,
  llamacpp: startFakeLlamaCpp,
  ollama: startFakeOllama,
};
const MODELS = ["first:latest", "second:latest", "third:latest"];
/** Two agents a model, sitting as badly as they can. */
const SEATS = [...MODELS, ...MODELS];
/** Drafts, a round in which somebody improves, a round that decides. */
const ROUNDS = 3;
const IMPROVING = 2;
const LOAD_MS = 20;
const never = new AbortController().signal;

/** How often an engine that holds one model at a time loads another for a council of three. */
export async function measureLoads(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [kind, start] of Object.entries(FAKES)) rows.push(await loadsOf(kind as ServedKind, start));
  return rows;
}

async function loadsOf(kind: ServedKind, start: (options: FakeEngineOptions) => Promise<FakeEngine>): Promise<Row> {
  const fake = await start({ models: MODELS, maxLoaded: 1, loadMs: LOAD_MS, reply: replies() });
  try {
    const engine = await createEngine(kind, { baseUrl: fake.origin });
    const models = new Map((await engine.models(never)).map((model) => [model.id, model]));
    const seats = await Promise.all(
      SEATS.map(async (id) => {
        const model = models.get(id);
        if (model === undefined) throw new Error(`${engine.name} has no ${id}`);
        return { model: await seatModel(engine, model, { maxLoadedModels: 1, autoload: true }, never) };
      }),
    );
    const council = createCouncil({ seats });
    const run = council.ask("Why is the sky blue?", { seed: 1 });
    const { outcome } = await run.result;
    const rounds = 1 + council.events(run.runId).filter(({ type }) => type === "round-opened").length;
    if (outcome !== "consensus" || rounds !== ROUNDS)
      throw new Error(`the council on ${engine.name} ended as ${outcome} in ${rounds} rounds`);
    return {
      what: `${servedEngines[kind].title}: ${MODELS.length} models, ${SEATS.length} agents, ${rounds} rounds and a presentation: loads`,
      value: fake.loads.length,
      unit: "",
      goal: { atMost: (MODELS.length - 1) * rounds + 1 + 1 },
      note: `${fake.requests.length} calls`,
    };
  } finally {
    await fake.close();
  }
}

/** The first ballots ask to improve, the others choose. */
function replies(): (request: FakeEngineRequest) => { readonly text: string } {
  let ballots = 0;
  return ({ body, model }) => {
    const schema = (body.response_format?.json_schema?.schema ?? body["format"]) as
      | { readonly properties?: { readonly choice?: { readonly enum?: readonly string[] } } }
      | undefined;
    const choices = schema?.properties?.choice?.enum;
    if (choices === undefined) return { text: `What ${model} thinks of it, in call ${ballots}.` };
    ballots += 1;
    return { text: ballotFor(ballots <= IMPROVING ? "improve" : (choices[0] ?? "")) };
  };
}
