import { aboutOf } from "../../config/about-config.ts";
import { projectFile, userFile } from "../../config/run-files.ts";
import { shippedConfigs } from "../../config/shipped-configs.ts";
import { table } from "../../views/table.ts";
import { foldersOf, type Session } from "../session.ts";

/** A config that can be named, or that is found by itself. */
interface Listed {
  readonly kind: "user file" | "project file" | "presets" | "configs" | "templates";
  readonly name: string;
  readonly path: string;
  readonly about: string;
}

const titles = {
  "user file": "Your own settings, under every run",
  "project file": "Of this folder, where no other is named",
  presets: "Councils on models of this machine: massgen --config NAME",
  templates: "To start from, by task and by backend: massgen init --template NAME",
  configs: "Councils by the names that MassGen 0.0.7 gave them: massgen --config NAME",
} as const;

export async function listConfigs({ io, output }: Session): Promise<number> {
  const user = userFile(foldersOf(io).config);
  const project = projectFile(io.folder);
  const found: readonly Listed[] = [
    ...(user === undefined ? [] : [{ kind: "user file" as const, name: user, path: user, about: aboutOf(user) }]),
    ...(project === undefined ? [] : [{ kind: "project file" as const, name: project, path: project, about: aboutOf(project) }]),
    ...shippedConfigs().map(({ kind, name, path }) => ({ kind, name, path, about: aboutOf(path) })),
  ];
  const lines = output.json ? found.map((one) => JSON.stringify(one)) : textOf(found);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

function textOf(found: readonly Listed[]): readonly string[] {
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return kinds.flatMap((kind, at) => {
    const rows = found.filter((one) => one.kind === kind).map(({ name, about }) => [`  ${name}`, about]);
    return [...(at === 0 ? [] : [""]), titles[kind], ...table(rows, ["left", "left"])];
  });
}
