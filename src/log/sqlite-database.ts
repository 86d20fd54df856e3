import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type * as sqlite from "node:sqlite";
import { tightenTo } from "./home.ts";
import { makeFolder } from "./make-folder.ts";
import { damaged, newer } from "./log-trouble.ts";
import { isBusy, moveAway, sqliteTrouble } from "./sqlite-trouble.ts";

/** A file of SQLite that is known to be a log of ours in the current shape. */
export interface LogDatabase<Statements> {
  /** Absolute. */
  readonly path: string;
  readonly statements: Statements;
  /** Runs `work` and tells what went wrong as trouble with this file. */
  readonly attempt: <Result>(work: () => Result) => Result;
  /** As `attempt`, with all that `work` writes or nothing; other writers wait meanwhile. */
  readonly transact: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

/** Raised by a change that older versions cannot read. */
const SCHEMA_VERSION = 1;

/** "MGEN": tells our files from those of other programs. */
const APPLICATION_ID = 0x4d47454e;

/** Another process holds the file for one transaction, some milliseconds; this long only when it was stopped in the middle. */
const BUSY_MS = 10_000;

/** A question is kept as JSON text: SQLite through Node 22 ends a text at its first NUL. */
const SCHEMA = `
  CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, question TEXT NOT NULL, started_at REAL NOT NULL, last_at REAL NOT NULL, events INTEGER NOT NULL, outcome TEXT
  ) STRICT;
  CREATE TABLE events (run_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (run_id, seq)) STRICT;
  CREATE TABLE owners (run_id TEXT PRIMARY KEY, pid INTEGER NOT NULL, started TEXT NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the file, made with its folder for this user alone where it does not exist.
 * @param prepare makes the statements, once
 * @throws `log-newer`, `log-damaged` (also for what is no log of massgen) and `disk`.
 */
export function openDatabase<Statements>(file: string, prepare: (database: sqlite.DatabaseSync) => Statements): LogDatabase<Statements> {
  const path = resolve(file);
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw sqliteTrouble(path, error) ?? error;
    }
  };
  const database = attempt(() => {
    makePrivate(path);
    return new (loadSqlite().DatabaseSync)(path);
  });
  const close = (): void => {
    if (database.isOpen) database.close();
  };
  try {
    const statements = attempt(() => {
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      const isNew = isEmpty(database, path);
      useWriteAheadLog(database);
      if (isNew) inTransaction(database, () => isEmpty(database, path) && database.exec(SCHEMA));
      return prepare(database);
    });
    return { path, statements, attempt, transact: (work) => attempt(() => inTransaction(database, work)), close };
  } catch (error) {
    close();
    throw error;
  }
}

function inTransaction<Result>(database: sqlite.DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * SQLite would take an empty file for a new database and throw away the log of changes beside it.
 * It gives the files it puts beside the database (`-wal`, `-shm`) the rights of the database.
 */
function makePrivate(path: string): void {
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  if (statSync(path).size === 0 && (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw damaged(`${path} is empty`, moveAway(path));
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) tightenTo(file, 0o600);
}

/** Loaded here and not imported above: `massgen --version` does not pay for it. Older Nodes call it experimental on loading; we know. */
function loadSqlite(): typeof sqlite {
  const emitWarning = Reflect.get(process, "emitWarning") as (...details: readonly unknown[]) => void;
  process.emitWarning = (...details: readonly unknown[]) => {
    if (details[1] !== "ExperimentalWarning") Reflect.apply(emitWarning, process, details);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * With `synchronous = NORMAL` a killed process loses nothing; a power cut may take the last moments, never the order.
 * The change of mode, made once in the life of a file, does not wait for others by itself.
 */
function useWriteAheadLog(database: sqlite.DatabaseSync): void {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Throws unless the file is one of ours in a shape we know, or has nothing in it yet. */
function isEmpty(database: sqlite.DatabaseSync, path: string): boolean {
  if (database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined) return true;
  const pragma = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
  if (pragma("application_id") !== APPLICATION_ID) throw damaged(`${path} is a database, but no log of massgen`, moveAway(path));
  const version = Number(pragma("user_version"));
  if (version > SCHEMA_VERSION) throw newer(path, `has shape ${version}, this massgen reads up to ${SCHEMA_VERSION}`);
  return false;
}
