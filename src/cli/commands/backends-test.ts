import { plainText } from "../../views/plain-text.ts";
import { backendsToTest } from "../../config/backends-to-test.ts";
import { buildCouncil } from "../../config/build-council.ts";
import type { Surroundings } from "../../config/council.ts";
import type { AgentConfig } from "../../config/schema.ts";
import { MassgenError } from "../../core/errors.ts";
import { redactText } from "../../log/redaction.ts";
import { effortOf } from "../../models/catalogue/effort-of.ts";
import { modelFacts } from "../../models/catalogue/model-facts.ts";
import { ABOUT_INPUT_TOKENS, type BackendTest, MOST_OUTPUT_TOKENS, testBackend } from "../../models/trial/test-backend.ts";
import { table } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import type { Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";

/** What came of one backend. */
interface Tested extends Partial<BackendTest> {
  readonly backend: string;
  readonly model_name: string | null;
  readonly ok: boolean;
  readonly failures: readonly string[];
}

/** Tries backends with a few tokens each, after saying what that costs. Returns 1 where anything failed. */
export async function testBackends({ names, config }: Command & { readonly type: "test-backends" }, session: Session): Promise<number> {
  const { io, output, narrator, secrets } = session;
  // A model is tried with a tool of ours: no server is started for it.
  const { openServer: _, ...around } = surroundingsOf(session);
  const configured = config === undefined ? undefined : await agentsOf(config, session);
  const agents = backendsToTest(names, configured, io.environment);
  for (const agent of agents) narrator.line({ tone: "plain", text: priceText(agent) });
  const tested = await interruptible(io, (signal) => Promise.all(agents.map((agent) => test(agent, around, session, signal))));
  const lines = output.json ? tested.map((result) => JSON.stringify(result)) : report(tested);
  for (const line of lines) io.stdout.write(`${plainText(redactText(line, [...secrets]))}\n`);
  await io.stdout.flushed();
  return tested.every(({ ok }) => ok) ? 0 : 1;
}

async function agentsOf(config: string, { io, secrets }: Session): Promise<readonly AgentConfig[]> {
  const [{ loadConfig }, { findConfig }] = await Promise.all([
    import("../../config/load-config.ts"),
    import("../../config/find-config.ts"),
  ]);
  const { agents, secrets: found } = await loadConfig(findConfig(config).path, io.environment);
  for (const secret of found) secrets.add(secret);
  return agents;
}

/** By the price of the model's maker; what is not known is said to be unknown. */
function priceText({ id, backend }: AgentConfig): string {
  const { price } = modelFacts(backend.type, effortOf(backend.model ?? "").model);
  const dollars = price === undefined ? undefined : (price.input * ABOUT_INPUT_TOKENS + price.output * MOST_OUTPUT_TOKENS) / 1e6;
  const cost = dollars === undefined ? "what they cost is not known here" : `at most about $${dollars.toPrecision(1)}`;
  return `${id}: about ${ABOUT_INPUT_TOKENS} tokens in, at most ${MOST_OUTPUT_TOKENS} out, ${cost}.`;
}

async function test(agent: AgentConfig, around: Surroundings, session: Session, signal: AbortSignal): Promise<Tested> {
  try {
    const council = await buildCouncil({ agents: [agent] }, around, signal);
    for (const secret of council.secrets) session.secrets.add(secret);
    const [seat] = council.seats;
    if (seat === undefined) throw new Error(`agent ${agent.id} has no seat`);
    try {
      const result = await testBackend(seat.model, session.io.clock, signal);
      return { backend: agent.id, model_name: seat.model.name, ok: result.failures.length === 0, ...result };
    } finally {
      await seat.model.close?.();
    }
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    const sentence = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    return { backend: agent.id, model_name: agent.backend.model ?? null, ok: false, failures: [sentence] };
  }
}

function report(tested: readonly Tested[]): readonly string[] {
  const head = ["", "BACKEND", "MODEL", "KEY", "STREAMING", "BALLOT", "TOOLS", "IMAGES", "TOKENS OUT"];
  const rows = tested.map(({ ok, backend, model_name: model, key, streaming, ballot, tools, images, outputTokens }) => [
    ok ? "✓" : "✗",
    backend,
    model ?? "",
    key ?? "",
    streaming ?? "",
    ballot ?? "",
    tools ?? "",
    images ?? "",
    outputTokens === undefined ? "" : String(outputTokens),
  ]);
  const remarks = tested.flatMap(({ backend, failures, remarks: said = [] }) =>
    [...failures, ...said].map((sentence) => `${backend}: ${sentence}`),
  );
  return [...table([head, ...rows]), ...remarks];
}
