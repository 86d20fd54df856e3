import { checkConfig, type Checked } from "../../config/check-config.ts";
import { type Remark, remarkLine } from "../../config/diagnostics.ts";
import { findConfig } from "../../config/find-config.ts";
import { projectFile } from "../../config/run-files.ts";
import { MassgenError } from "../../core/errors.ts";
import { plainText } from "../../views/plain-text.ts";
import { usageError } from "../flags.ts";
import type { ConfigRequest } from "../parse-config.ts";
import type { Session } from "../session.ts";

type Validate = Extract<ConfigRequest, { type: "validate" }>;

/** One file, judged. */
interface Verdict extends Checked {
  readonly file: string;
  /** Which file was taken, where that is not the one that was named by its path. */
  readonly notice?: string;
}

/** Checks files, asking no server: 0 when all are right, 1 when one is wrong. What is right and wrong goes to standard output. */
export async function validateConfigs({ files, profile, strict }: Validate, { io, output }: Session): Promise<number> {
  const verdicts = filesOf(files, io.folder).map((file) => verdictOn(file, io.environment, profile));
  const judged = verdicts.map((verdict) => ({ verdict, isWrong: errorsOf(verdict, strict).length > 0 || verdict.broken !== undefined }));
  for (const { verdict, isWrong } of judged) {
    const lines = output.json ? [jsonOf(verdict, isWrong, strict)] : linesOf(verdict, isWrong, strict);
    for (const line of lines) io.stdout.write(`${plainText(line)}\n`);
  }
  await io.stdout.flushed();
  return judged.some(({ isWrong }) => isWrong) ? 1 : 0;
}

function filesOf(files: readonly string[], folder: string): readonly string[] {
  if (files.length > 0) return files;
  const here = projectFile(folder);
  if (here !== undefined) return [here];
  throw usageError('"massgen config validate" needs to know which file: massgen config validate FILE…');
}

function verdictOn(given: string, environment: Session["io"]["environment"], profile: string | undefined): Verdict {
  try {
    const { path, notice } = findConfig(given);
    return { file: given, ...checkConfig(path, environment, profile), ...(notice !== undefined && { notice }) };
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    return { file: given, agents: 0, remarks: [], broken: [[error.message, error.hint].filter(Boolean).join(" ")] };
  }
}

const isError = ({ level }: Remark, strict: boolean): boolean => level === "error" || (strict && level === "warning");

function errorsOf({ remarks }: Verdict, strict: boolean): readonly Remark[] {
  return remarks.filter((remark) => isError(remark, strict));
}

function linesOf({ file, agents, remarks, broken, notice }: Verdict, isWrong: boolean, strict: boolean): readonly string[] {
  const count = `${agents} ${agents === 1 ? "agent" : "agents"}`;
  return [
    `${file}: ${isWrong ? "wrong" : `right, ${count}`}`,
    ...(notice === undefined ? [] : [`  ${notice}`]),
    ...(broken ?? []).map((line) => `  error: ${line}`),
    ...remarks.map((remark) => `  ${isError(remark, strict) ? "error" : remark.level}: ${remarkLine(remark)}`),
  ];
}

function jsonOf({ file, agents, remarks, broken, notice }: Verdict, isWrong: boolean, strict: boolean): string {
  const told = (isWanted: (remark: Remark) => boolean): readonly object[] =>
    remarks.filter(isWanted).map(({ place, level, sentence }) => ({ ...place, level, message: sentence }));
  return JSON.stringify({
    file,
    valid: !isWrong,
    agents,
    ...(notice !== undefined && { notice }),
    errors: [...(broken ?? []).map((message) => ({ file, message })), ...told((remark) => isError(remark, strict))],
    warnings: told((remark) => !isError(remark, strict)),
  });
}
