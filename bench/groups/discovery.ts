import { connect } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEngine } from "../../src/models/engines/embedded/create-embedded-engine.ts";
import { discover, type Looking, type Place } from "../../src/models/engines/discover.ts";
import type { Engine, Probe } from "../../src/models/engines/engine.ts";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import { type ServedKind, servedEngines, servedKinds } from "../../src/models/engines/served-engines.ts";
import { reasonToSkip, smolLmFile } from "../../test/engines/engine-cache.ts";
import { median, wallMs } from "../measure.ts";
import { type Row, skipped } from "../rows.ts";
import { type Program, startProgram } from "../start-program.ts";

const GOAL = { atMost: 500 };
const TIMES = 5;
const SILENT = 10;
const OTHERS = 5;
const ENGINES = 35;
const FAKE_ENGINE = new URL("../../src/testing/fake-engine-command.ts", import.meta.url);
const MANY_SERVERS = new URL("../programs/many-servers.ts", import.meta.url);
const never = new AbortController().signal;

interface Servers {
  readonly silent: readonly string[];
  readonly others: readonly string[];
  readonly engines: readonly { readonly kind: ServedKind; readonly origin: string }[];
}

/** How long it takes to know what answers on this machine, and whether fifty configured backends are well. */
export async function measureDiscovery(): Promise<readonly Row[]> {
  const servers = await startProgram(MANY_SERVERS, String(SILENT), String(OTHERS), String(ENGINES));
  try {
    const { silent, others, engines } = JSON.parse(servers.said) as Servers;
    return [...(await usualPorts(silent)), await fiftyBackends({ silent, others, engines })];
  } finally {
    servers.stop();
  }
}

async function usualPorts(silent: readonly string[]): Promise<readonly Row[]> {
  const taken: ServedKind[] = [];
  for (const kind of servedKinds) if (await isTaken(servedEngines[kind].port)) taken.push(kind);
  const reason = `something listens on ${taken.map((kind) => `port ${servedEngines[kind].port}`).join(", ")} already`;
  if (taken.length > 0) return [skipped("discovery with no engine and with six", reason)];
  const none = await found("discovery with no engine", 0, {});
  const fakes = await Promise.all(servedKinds.map((kind) => startProgram(FAKE_ENGINE, kind, "--model", "bench")));
  try {
    return [
      none,
      await found("discovery with six engines and their models", servedKinds.length, {}),
      await found("the same beside a server that never answers", servedKinds.length, { also: silent.slice(0, 1) }),
    ];
  } finally {
    fakes.forEach((fake: Program) => fake.stop());
  }
}

async function isTaken(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const connected = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

/** Looks at the usual ports, and asks what answers there, and the engine in this process, for their models. */
async function found(what: string, served: number, looking: Looking): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "massgen-bench-"));
  try {
    const embedded = (await reasonToSkip()) === undefined;
    if (embedded) symlinkSync(await smolLmFile(), join(folder, "SmolLM2.gguf"));
    const taken: number[] = [];
    for (let turn = 0; turn < TIMES; turn += 1) {
      taken.push(
        await wallMs(async () => {
          const [places, own] = await Promise.all([discover(looking, never), modelsOf(createEmbeddedEngine({ modelsDir: folder }))]);
          const models = await Promise.all(places.map(modelsAt));
          const answered = models.filter((count) => count > 0).length;
          if (answered !== served || own !== (embedded ? 1 : 0))
            throw new Error(`${what}: found ${answered} engines and ${own} model files`);
        }),
      );
    }
    return { what, value: median(taken), unit: "ms", goal: GOAL, note: `the longest of ${TIMES} took ${Math.max(...taken).toFixed(0)} ms` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function modelsAt({ origin, answerer }: Place): Promise<number> {
  return answerer.type === "engine" ? modelsOf(await createEngine(answerer.kind, { baseUrl: origin })) : 0;
}

async function modelsOf(engine: Engine): Promise<number> {
  return (await engine.models(never)).length;
}

async function fiftyBackends({ silent, others, engines }: Servers): Promise<Row> {
  const kindOf = (index: number): ServedKind => servedKinds[index % servedKinds.length] ?? "llamacpp";
  const wanted = [
    ...[...silent, ...others].map((origin, index) => ({ kind: kindOf(index), origin, is: index < silent.length ? "unknown" : "other" })),
    ...engines.map((engine) => ({ ...engine, is: "ready" })),
  ];
  const backends = await Promise.all(
    wanted.map(async ({ kind, origin, is }) => ({ engine: await createEngine(kind, { baseUrl: origin }), is })),
  );
  const taken: number[] = [];
  const wrong: string[] = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    let probes: readonly Probe[] = [];
    taken.push(await wallMs(async () => (probes = await Promise.all(backends.map(({ engine }) => engine.probe(never))))));
    wrong.push(
      ...backends.flatMap(({ engine, is }, index) =>
        probes[index]?.type === is ? [] : [`${engine.name} is ${probes[index]?.type}, not ${is}`],
      ),
    );
  }
  const [mistake] = wrong;
  if (mistake !== undefined) throw new Error(`${wrong.length} of ${TIMES * wanted.length} probes are wrong: ${mistake}`);
  return {
    what: `${wanted.length} backends probed at once, ${silent.length} of them silent and ${others.length} something else`,
    value: median(taken),
    unit: "ms",
    goal: GOAL,
    note: `the longest of ${TIMES} took ${Math.max(...taken).toFixed(0)} ms`,
  };
}
