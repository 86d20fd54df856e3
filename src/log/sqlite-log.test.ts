import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeEventLog, exampleRunStarted } from "../testing/event-log-contract.ts";
import type { EventLog } from "./event-log.ts";
import { openSqliteLog } from "./sqlite-log.ts";
import { sqliteTrouble } from "./sqlite-trouble.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-log-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const file = (): string => join(folder, "data", "runs.db");

describeEventLog({ describe, it }, "sqlite log", () => openSqliteLog(file()));

/** A log with one run of three events, closed again. */
function written(): string {
  const log = openSqliteLog(file());
  log.append("one", [{ fact: exampleRunStarted("one") }, { fact: notice("a") }, { fact: notice("b") }], 1000);
  log.close();
  return file();
}

const notice = (text: string) => ({ type: "notice", level: "info", text }) as const;

function change(sql: string): void {
  const database = new DatabaseSync(file());
  database.exec(sql);
  database.close();
}

function reading(read: (log: EventLog) => unknown): () => void {
  return () => {
    const log = openSqliteLog(file());
    try {
      read(log);
    } finally {
      log.close();
    }
  };
}

const mode = (path: string): number => statSync(path).mode & 0o777;

describe("on disk", () => {
  it("keeps what was appended for the next time", () => {
    written();
    const log = openSqliteLog(file());
    expect(log.append("one", [{ fact: notice("c") }], 1001)).toMatchObject([{ seq: 4 }]);
    expect(log.read("one").map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    log.close();
  });

  it("is for this user alone, also under a loose umask", () => {
    const umask = process.umask(0);
    try {
      const log = openSqliteLog(file());
      log.append("one", [{ fact: exampleRunStarted("one") }], 1000);
      expect(mode(join(folder, "data"))).toBe(0o700);
      for (const end of ["", "-wal", "-shm"]) expect([end, mode(file() + end)]).toEqual([end, 0o600]);
      log.close();
    } finally {
      process.umask(umask);
    }
  });

  it("takes the others' rights from a file that had them", () => {
    written();
    chmodSync(file(), 0o644);
    openSqliteLog(file()).close();
    expect(mode(file())).toBe(0o600);
  });

  it("may be closed twice", () => {
    const log = openSqliteLog(file());
    log.close();
    expect(() => {
      log.close();
    }).not.toThrow();
  });
});

describe("a log that cannot be read says so", () => {
  const cases: ReadonlyArray<readonly [name: string, sql: string, code: string, message: RegExp]> = [
    [
      "a torn event",
      `UPDATE events SET event = substr(event, 1, 20) WHERE seq = 2`,
      "log-damaged",
      /event 2 of run one in .*runs\.db cannot be read/,
    ],
    ["no event at all", `UPDATE events SET event = '{"seq":2,"at":1,"type":"notice"}' WHERE seq = 2`, "log-damaged", /event 2 of run one/],
    ["an event that is missing", `DELETE FROM events WHERE seq = 2`, "log-damaged", /event 2 of run one in .* is missing/],
    ["an end that is missing", `DELETE FROM events WHERE seq > 1`, "log-damaged", /event 2 of run one in .* is missing/],
    ["all of it missing", `DELETE FROM events`, "log-damaged", /event 1 of run one in .* is missing/],
    ["a beginning that is missing", `DELETE FROM events WHERE seq = 1`, "log-damaged", /event 1 of run one in .* is missing/],
    [
      "two events exchanged",
      `UPDATE events SET event = replace(event, '"seq":2', '"seq":3') WHERE seq = 2`,
      "log-damaged",
      /event 2 of run one/,
    ],
    [
      "a newer run",
      `UPDATE events SET event = replace(event, '"version":1', '"version":2') WHERE seq = 1`,
      "log-newer",
      /run one .*version 2.*up to 1/,
    ],
    ["a newer event", `UPDATE events SET event = replace(event, '"notice"', '"novelty"') WHERE seq = 2`, "log-newer", /"novelty"/],
    ["a newer file", `PRAGMA user_version = 2`, "log-newer", /runs\.db has shape 2/],
    ["somebody else's database", `PRAGMA application_id = 1`, "log-damaged", /no log of massgen/],
  ];
  it.each(cases)("%s", (_, sql, code, message) => {
    written();
    change(sql);
    expect(reading((log) => log.read("one"))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.any(String) }),
    );
  });

  it("leaves somebody else's database as it is", () => {
    mkdirSync(join(folder, "data"));
    change("CREATE TABLE cookies (a)");
    expect(reading((log) => log.list())).toThrow(expect.objectContaining({ code: "log-damaged" }));
    const database = new DatabaseSync(file());
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
    database.close();
  });

  it("a log without its tables", () => {
    written();
    change("DROP TABLE owners");
    expect(reading((log) => log.list())).toThrow(expect.objectContaining({ code: "log-damaged" }));
  });

  it("lists a run whose question is torn", () => {
    written();
    change(`UPDATE runs SET question = '"Why'`);
    const log = openSqliteLog(file());
    expect(log.list()).toMatchObject([{ question: '"Why' }]);
    log.close();
  });

  it("still gives the other runs", () => {
    written();
    change(`UPDATE events SET event = '' WHERE seq = 2`);
    const log = openSqliteLog(file());
    log.append("two", [{ fact: exampleRunStarted("two") }], 1000);
    expect(log.read("two")).toHaveLength(1);
    expect(log.list()).toHaveLength(2);
    log.close();
  });

  it("does not append behind events it has lost count of", () => {
    written();
    change("UPDATE runs SET events = 1");
    expect(reading((log) => log.append("one", [{ fact: notice("c") }], 1))).toThrow(expect.objectContaining({ code: "log-damaged" }));
  });

  it("no database", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(file(), "This is a text, and a long one, so that it cannot be taken for an empty database.".repeat(20));
    expect(reading((log) => log.list())).toThrow(
      expect.objectContaining({ code: "log-damaged", message: expect.stringContaining("is no database") }),
    );
  });

  it("a file cut at any page", () => {
    const log = openSqliteLog(file());
    log.append(
      "one",
      [{ fact: exampleRunStarted("one") }, ...Array.from({ length: 200 }, () => ({ fact: notice("x".repeat(200)) }))],
      1000,
    );
    log.close();
    for (let size = statSync(file()).size - 4096; size > 0; size -= 4096) {
      truncateSync(file(), size);
      expect(reading((log) => log.read("one"))).toThrow(expect.objectContaining({ code: "log-damaged" }));
    }
  });

  it("a file cut to nothing with changes still beside it", () => {
    const log = openSqliteLog(file());
    log.append("one", [{ fact: exampleRunStarted("one") }], 1000);
    truncateSync(file(), 0);
    expect(reading((other) => other.list())).toThrow(expect.objectContaining({ code: "log-damaged" }));
    expect(existsSync(`${file()}-wal`)).toBe(true);
    log.close();
  });

  it.skipIf(!existsSync("/proc/self"))("a place where nothing can be made (skipped where there is no /proc)", () => {
    expect(() => openSqliteLog("/proc/massgen/data/runs.db")).toThrow(
      expect.objectContaining({ code: "disk", message: "Cannot use /proc/massgen/data/runs.db: it cannot be made there." }),
    );
  });

  it("a folder where the file should be, a file where the folder should be", () => {
    mkdirSync(file(), { recursive: true });
    expect(reading((log) => log.list())).toThrow(expect.objectContaining({ code: "disk" }));
    writeFileSync(join(folder, "taken"), "");
    expect(() => openSqliteLog(join(folder, "taken", "runs.db"))).toThrow(expect.objectContaining({ code: "disk" }));
  });

  it.each([
    [5, "disk", /another process/],
    [8, "disk", /read-only/],
    [1032, "disk", /read-only/],
    [778, "disk", /disk failed or is full/],
    [13, "disk", /the disk is full/],
    [14, "disk", /cannot be opened/],
    [11, "log-damaged", /torn/],
    [267, "log-damaged", /torn/],
    [522, "log-damaged", /shorter/],
    [1, "log-damaged", /tables/],
  ])("SQLite's code %i", (errcode, code, message) => {
    const error = Object.assign(new Error("sqlite"), { code: "ERR_SQLITE_ERROR", errcode });
    expect(sqliteTrouble("/x/runs.db", error)).toMatchObject({ code, message: expect.stringMatching(message) as string, cause: error });
  });

  it("but takes no bug for trouble with the file", () => {
    expect(sqliteTrouble("/x/runs.db", Object.assign(new Error("sqlite"), { code: "ERR_SQLITE_ERROR", errcode: 21 }))).toBeUndefined();
    expect(sqliteTrouble("/x/runs.db", new TypeError("bug"))).toBeUndefined();
  });
});
