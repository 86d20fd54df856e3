/** A process of its own for `log-processes.test.ts`: writes one run and says on stdout what it did. */
import process from "node:process";
import { isAlive, thisProcess } from "../src/log/owner.ts";
import { openSqliteLog } from "../src/log/sqlite-log.ts";
import { exampleRunStarted } from "../src/testing/event-log-contract.ts";

const [task, file = "", runId = "", batches = "0"] = process.argv.slice(2);

const text = "x".repeat(500);
const log = openSqliteLog(file);

/** Each batch is three events, so that a torn one would show. */
function write(count: number): void {
  log.append(runId, [{ fact: exampleRunStarted(runId) }], 0);
  for (let batch = 1; batch <= count; batch += 1) {
    const entries = ["a", "b", "c"].map((part) => ({
      fact: { type: "notice", level: "info", text: `${runId} ${batch}${part} ${text}` } as const,
    }));
    log.append(runId, entries, batch);
    if (batch === 1) process.stdout.write("writing\n");
  }
}

/** Keeps the run, when it got it, until somebody ends this process. */
function claim(): void {
  const other = log.claim(runId, thisProcess(), isAlive);
  process.stdout.write(other === undefined ? "mine\n" : `taken by ${other.pid}\n`);
  setInterval(() => undefined, 1_000);
}

if (task === "write") write(Number(batches));
else claim();
