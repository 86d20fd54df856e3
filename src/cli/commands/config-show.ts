import { type Remark, remarkLine } from "../../config/diagnostics.ts";
import { configErrors } from "../../config/diagnostics.ts";
import { examineConfig } from "../../config/load-config.ts";
import { runLayers } from "../../config/run-files.ts";
import { type ShownConfig, shownConfig } from "../../config/shown-config.ts";
import { plainText } from "../../views/plain-text.ts";
import type { ConfigRequest } from "../parse-config.ts";
import { foldersOf, type Session } from "../session.ts";

type Show = Extract<ConfigRequest, { type: "show" }>;

/** Shows what a run would be configured with, on standard output: YAML that can be a file, or one JSON object. Warnings go to standard error. */
export async function showConfig({ file, profile, flags }: Show, { io, output, narrator, secrets }: Session): Promise<number> {
  const where = { folder: io.folder, configFolder: foldersOf(io).config };
  const { request, notices } = runLayers({ config: file, profile, flags }, io.environment, where);
  const { config, remarks } = examineConfig(request, io.environment, { needsAgents: file !== undefined, isCheck: true });
  for (const secret of config?.secrets ?? []) secrets.add(secret);
  if (config === undefined) throw configErrors(remarks.filter(({ level }) => level === "error").map(remarkLine));
  const shown = shownConfig(config);
  const files = request.files.map(({ title, path }) => ({ is: title, path }));
  for (const text of notices) narrator.line({ tone: "plain", text });
  for (const remark of remarks) narrator.line({ tone: "warning", text: remarkLine(remark) });
  const text = output.json ? JSON.stringify({ files, ...shown, warnings: remarks.map(warningOf) }) : await yamlOf(shown, files);
  io.stdout.write(`${output.json ? text : plainText(text)}\n`);
  await io.stdout.flushed();
  return 0;
}

function warningOf({ place, sentence }: Remark): object {
  return { ...place, message: sentence };
}

async function yamlOf(
  { agents, ...shown }: ShownConfig,
  files: readonly { readonly is: string; readonly path: string }[],
): Promise<string> {
  const { stringify } = await import("yaml");
  const from = files.length === 0 ? ["# No file: the defaults."] : files.map(({ is, path }) => `# ${is}: ${path}`);
  const council = agents.map(({ type: _type, model: _model, system_message: persona, id, ...agent }) => ({
    id,
    ...(persona !== null && { system_message: persona }),
    ...agent,
  }));
  const whole = { ...(council.length > 0 && { agents: council }), ...shown };
  return [...from, stringify(whole, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()].join("\n");
}
