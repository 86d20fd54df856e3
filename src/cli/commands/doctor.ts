import { type Check, sections } from "../../config/doctor/check.ts";
import { type Examined, examine } from "../../config/doctor/examine.ts";
import { redactText } from "../../log/redaction.ts";
import { plainText } from "../../views/plain-text.ts";
import { wrapped } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import type { Session } from "../session.ts";
import { memoryBytes, surroundingsOf } from "../surroundings.ts";
import { version } from "../version.ts";

/** Looks at machine, engines, keys and, where one is named, every backend of a config. 0 when a council could run. */
export async function doctor({ config }: Extract<Command, { type: "doctor" }>, session: Session): Promise<number> {
  const { io, output, secrets } = session;
  const begun = performance.now();
  const examination = {
    around: surroundingsOf(session),
    machine: {
      platform: io.platform,
      arch: process.arch,
      memoryBytes: memoryBytes(),
      freeBytes: Math.min(process.availableMemory(), memoryBytes()),
      massgen: version(),
    },
    ...(config !== undefined && { config }),
    now: () => performance.now(),
    keepSecret: (more: readonly string[]) => more.forEach((secret) => secrets.add(secret)),
  };
  const examined = await interruptible(io, (signal) => examine(examination, signal));
  const ms = Math.round(performance.now() - begun);
  const hidden = withoutSecrets(examined, (text) => plainText(redactText(text, [...secrets])));
  const lines = output.json ? jsonLines(hidden, ms) : textLines(hidden, ms);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return examined.verdict.canRun ? 0 : 1;
}

/** Servers may repeat keys in what they say. */
function withoutSecrets({ checks, verdict }: Examined, hide: (text: string) => string): Examined {
  const hidden = checks.map((check) => ({
    ...check,
    target: hide(check.target),
    text: hide(check.text),
    ...(check.hint !== undefined && { hint: hide(check.hint) }),
  }));
  return { checks: hidden, verdict: { ...verdict, ...(verdict.next !== undefined && { next: hide(verdict.next) }) } };
}

function jsonLines({ checks, verdict }: Examined, ms: number): readonly string[] {
  const { canRun, text, next } = verdict;
  const summary = { check: "summary", status: canRun ? "ok" : "failed", ms, text, ...(next && { hint: next }) };
  return [...checks.map(({ section: _section, ...check }) => JSON.stringify(check)), JSON.stringify(summary)];
}

const COLUMNS = 100;
const MARK = 9;

const titles: Readonly<Record<Check["section"], string>> = {
  machine: "This machine",
  engines: "Engines",
  backends: "The config",
  keys: "Keys",
  memory: "Memory",
};

function textLines({ checks, verdict }: Examined, ms: number): readonly string[] {
  const groups = sections.flatMap((section) => {
    const own = checks.filter((check) => check.section === section);
    return own.length === 0 ? [] : [titles[section], ...own.flatMap(checkLines), ""];
  });
  const next = verdict.next === undefined ? [] : wrapped(`Next: ${verdict.next}`, COLUMNS);
  return [...groups, ...wrapped(`${verdict.text} (${ms} ms)`, COLUMNS), ...next];
}

/** The mark alone in its column, and what it is about in lines beside it. */
function checkLines({ status, target, text, hint, ms }: Check): readonly string[] {
  const room = COLUMNS - MARK - 2;
  const said = wrapped(`${target}: ${text} (${ms} ms)`, room);
  const advised = hint === undefined ? [] : wrapped(`> ${hint}`, room);
  return [...said, ...advised].map((line, at) => `  ${(at === 0 ? status : "").padEnd(MARK)}${line}`);
}
