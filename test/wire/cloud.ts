import type { Outcome } from "../../src/core/facts/outcome.ts";
import type { Prompt } from "../../src/core/messages.ts";
import type { CloudOptions } from "../../src/models/backends/backend.ts";
import { backends, type CloudType } from "../../src/models/backends/backends.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { outcomeOf } from "../../src/models/trial/outcome-of.ts";

export const TEST_KEY = "test-key-0123456789abcdef";

/** A model of a cloud at the address of a fake. */
export function cloudAt(type: CloudType, baseUrl: string, changes: Partial<CloudOptions> = {}): Promise<CouncilModel> {
  const { model, create } = backends[type];
  return create({ model, baseUrl, apiKey: TEST_KEY, fields: {}, sampling: {}, search: false, code: false, ...changes });
}

/** A question with room for any recorded reply. */
export const question: Prompt = { messages: [{ role: "user", text: "Go on." }], maxOutputTokens: 8000, maxTextTokens: 8000 };

export const ballot: Prompt = { ...question, ballot: { rung: "schema", choices: ["A", "B"] } };

export function ask(model: CouncilModel, prompt: Prompt = question): Promise<Outcome> {
  return outcomeOf(model, prompt, systemClock(), new AbortController().signal);
}
