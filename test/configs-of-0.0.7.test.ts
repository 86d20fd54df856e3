import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findConfig } from "../src/config/find-config.ts";
import { loadConfig } from "../src/config/load-config.ts";
import type { AgentConfig } from "../src/config/schema.ts";
import { councils, type MeantAgent } from "./councils-of-0.0.7.ts";

const shared = join(import.meta.dirname, "../../shared/compat/configs-0.0.7");
const files = (() => {
  try {
    return readdirSync(shared);
  } catch {
    return [];
  }
})();

const names = Object.keys(councils);

/** An agent as it was read, in the shape of the table: fields of the backend, its own and those that are passed on, are one. */
function asMeant({
  id,
  system_message: persona,
  backend,
}: AgentConfig): Omit<MeantAgent, "persona"> & { readonly persona: string | undefined } {
  const { type, model, fields, extra_body: body, ...rest } = backend;
  const all = { ...rest, ...fields, ...body };
  return { id, type, ...(model !== undefined && { model }), persona, ...(Object.keys(all).length > 0 && { fields: all }) };
}

/** Letter by letter, as any reader of YAML has them. */
function personasIn(text: string): readonly (string | undefined)[] {
  const { agent, agents = [agent] } = parse(text) as Record<"agent" | "agents", unknown>;
  return (agents as readonly { readonly system_message?: string }[]).map(({ system_message: persona }) => persona);
}

const expected = ({ persona, ...agent }: MeantAgent) => ({
  ...agent,
  persona: persona === undefined ? undefined : (expect.stringMatching(`^${persona.replaceAll(/[.&]/gu, ".")}`) as string),
});

describe.skipIf(files.length === 0)("the files of MassGen 0.0.7, unmodified (skipped where ../shared is not there)", () => {
  it("are all in the table", () => {
    expect(files.map((file) => basename(file, ".yaml")).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)("%s builds exactly the agents it means", async (name) => {
    const { agents, ui, warnings } = await loadConfig(join(shared, `${name}.yaml`), {});
    expect(agents.map(asMeant)).toEqual(councils[name]?.map(expected));
    expect(agents.map(({ system_message: persona }) => persona)).toEqual(personasIn(readFileSync(join(shared, `${name}.yaml`), "utf8")));
    expect(ui).toEqual({ display_type: "rich_terminal", logging_enabled: true, use_orchestrator_for_single_agent: true });
    expect(warnings.filter((line) => !line.includes(" is read as "))).toEqual([]);
  });
});

describe("the councils that we ship under the names of those files", () => {
  it.each(names)("%s has the same agents, in our words", async (name) => {
    const { path, notice } = findConfig(`some/where/${name}.yaml`);
    expect(notice).toContain(`There is no file some/where/${name}.yaml`);
    const { agents, warnings } = await loadConfig(path, {});
    const meant = councils[name] ?? [];
    expect(agents.map(asMeant)).toEqual(
      meant.map(({ persona, ...agent }) => ({ ...agent, persona: persona === undefined ? undefined : (expect.any(String) as string) })),
    );
    expect(warnings).toEqual([]);
  });

  it.skipIf(files.length === 0).each(names)(
    "%s says nothing in the words of the file (skipped where ../shared is not there)",
    async (name) => {
      const [ours, theirs] = await Promise.all([loadConfig(findConfig(name).path, {}), loadConfig(join(shared, `${name}.yaml`), {})]);
      const lines = (agents: readonly AgentConfig[]) =>
        agents.flatMap(({ system_message: text = "" }) => text.split("\n").map((line) => line.trim())).filter((line) => line.length > 12);
      const copied = lines(theirs.agents);
      expect(lines(ours.agents).filter((line) => copied.includes(line))).toEqual([]);
    },
  );
});
