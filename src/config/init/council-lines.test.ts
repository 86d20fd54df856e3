import { expect, test } from "vitest";
import type { Check } from "../doctor/check.ts";
import type { AgentConfig } from "../schema.ts";
import { councilLines } from "./council-lines.ts";

const agents = ["one", "two", "three"].map((id): AgentConfig => ({ id, backend: { type: "local" } }));
const check = (text: string, more: Partial<Check> = {}): Check => ({
  section: "backends",
  check: "backend",
  target: "",
  ms: 0,
  status: "ok",
  text,
  ...more,
});

test("agents of which the same is found share a line, also where a sentence names them", () => {
  const no = { status: "failed", hint: "Start one." } as const;
  expect(councilLines(agents, [check("ready"), check("ready."), check("ready", no)])).toEqual([
    { agents: ["one", "two"], status: "ok", text: "ready." },
    { agents: ["three"], status: "failed", text: "ready. Start one." },
  ]);
  const named = agents.map(({ id }) => check(`No engine has a model for agent "${id}".`));
  expect(councilLines(agents, named)).toEqual([{ agents: ["one", "two", "three"], status: "ok", text: "No engine has a model." }]);
});
