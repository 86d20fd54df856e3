import { MassgenError } from "../core/errors.ts";
import { isCloudType } from "../models/backends/backends.ts";
import { isServedKind } from "./backend-names.ts";
import { inOrder, readPlace, type Remark } from "./diagnostics.ts";
import type { Environment } from "./interpolate.ts";
import { findKey } from "./keys.ts";
import { type Examined, examineConfig } from "./load-config.ts";
import { placeOf } from "./place-of.ts";
import type { AgentConfig } from "./schema.ts";

/** What there is to say of one file, asking no server. */
export interface Checked {
  readonly agents: number;
  readonly remarks: readonly Remark[];
  /** What could not be read at all, line by line as the error said it. */
  readonly broken?: readonly string[];
}

/**
 * Checks a file alone, with what it extends and with each of its profiles, or with the one that is named. Keys that are not on this machine
 * are warned about.
 */
export function checkConfig(file: string, environment: Environment, profile?: string): Checked {
  try {
    const files = [{ title: "config file", path: file }] as const;
    const examine = (name?: string): Examined =>
      examineConfig({ files, ...(name !== undefined && { profile: { name, from: "--profile" } }) }, environment, {
        needsAgents: true,
        isCheck: true,
      });
    const first = examine(profile);
    const others = profile === undefined ? first.layers.profiles.map((name) => examine(name)) : [];
    const examined = [first, ...others];
    const agents = examined.flatMap(({ config }) => config?.agents ?? []);
    const remarks = [...examined.flatMap((one) => one.remarks), ...agents.flatMap((agent) => keyRemark(agent, environment))];
    return { agents: first.config?.agents.length ?? 0, remarks: inOrder(withoutRepeats(remarks)) };
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    const hint = error.hint === undefined ? [] : [error.hint];
    return { agents: 0, remarks: [], broken: [[...error.message.split("\n"), ...hint].join(" ")] };
  }
}

function withoutRepeats(remarks: readonly Remark[]): readonly Remark[] {
  return [...new Map(remarks.map((remark) => [JSON.stringify(remark), remark])).values()];
}

function keyRemark(agent: AgentConfig, environment: Environment): readonly Remark[] {
  const { backend, place } = agent;
  const hasServer = isCloudType(backend.type) || isServedKind(backend.type) || backend.type === "chatcompletion";
  if (place === undefined || !hasServer) return [];
  const { baseUrl, ownKey } = placeOf(backend, environment);
  const { missing } = findKey(baseUrl, ownKey, environment, backend.type === "lmstudio");
  if (missing === undefined) return [];
  const sentence = `A run needs a key for ${new URL(baseUrl).host}: ${missing} is not set on this machine.`;
  return [{ level: "warning", place: readPlace(place), sentence }];
}
