import { withoutUndefined } from "../core/without-undefined.ts";
import { outsideSettings } from "../config/outside-settings.ts";
import type { Command, Output } from "./command.ts";
import { type FlagName, usageError, type Words } from "./flags.ts";
import { suggest } from "./suggest.ts";

/** What `massgen config` is to do. */
export type ConfigRequest =
  | { readonly type: "validate"; readonly files: readonly string[]; readonly profile?: string; readonly strict: boolean }
  | ({ readonly type: "show" } & Settings)
  | ({ readonly type: "explain"; readonly key: string } & Settings)
  | { readonly type: "schema" }
  | { readonly type: "list" };

/** What a run would be started with. */
interface Settings {
  readonly file?: string;
  readonly profile?: string;
  /** As they were typed, by the name of the flag. */
  readonly flags: Readonly<Record<string, string>>;
}

const usages = { validate: "FILE…", show: "[FILE]", explain: "KEY", schema: "", list: "" } as const;

export function parseConfig(parts: Words, output: Output): Command {
  return { type: "config", request: requestOf(parts), output };
}

function requestOf(parts: Words): ConfigRequest {
  const [, action = "", ...words] = parts.words;
  const [word] = words;
  const profile = parts.given.get("profile")?.value;
  switch (action) {
    case "validate":
      return withoutUndefined<ConfigRequest & { type: "validate" }>({
        type: "validate",
        files: words,
        profile,
        strict: parts.given.has("strict"),
      });
    case "show":
      expectAtMost(action, words, 1);
      return { type: "show", ...settingsOf(parts, word) };
    case "explain":
      if (word === undefined) {
        throw usageError('"massgen config explain" needs to know which key: massgen config explain orchestrator.timeout');
      }
      expectAtMost(action, words, 1);
      return { type: "explain", key: word, ...settingsOf(parts, parts.given.get("config")?.value) };
    case "schema":
    case "list":
      expectAtMost(action, words, 0);
      return { type: action };
    default:
      throw usageError(unknownAction(action), `To ask this as a question: massgen -- "${parts.words.join(" ")}"`);
  }
}

function unknownAction(action: string): string {
  const all = Object.entries(usages)
    .map(([name, words]) => `massgen config ${name} ${words}`.trim())
    .join(", ");
  if (action === "") return `"massgen config" alone does nothing; there is: ${all}.`;
  return `"massgen config" knows no "${action}".${suggest(action, Object.keys(usages))} There is: ${all}.`;
}

function expectAtMost(action: keyof typeof usages, words: readonly string[], most: number): void {
  if (words.length <= most) return;
  throw usageError(`"massgen config ${action}" takes no more words: ${`massgen config ${action} ${usages[action]}`.trim()}`);
}

function settingsOf({ given }: Words, file: string | undefined): Settings {
  const flags = Object.keys(outsideSettings).flatMap((name): readonly (readonly [string, string])[] => {
    const value = given.get(name as FlagName)?.value;
    return value === undefined ? [] : [[name, value]];
  });
  return withoutUndefined<Settings>({ file, profile: given.get("profile")?.value, flags: Object.fromEntries(flags) });
}
