import { MlopsError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import { type Database, openDatabase, type OpenDatabase } from './database.ts';
import { decodeRun, encodeRun } from './row.ts';
import { migrate } from './schema.ts';

/** Which runs to list. What is null or left out does not matter. */
export interface RunFilter {
  readonly limit?: number | null;
  /** Only runs that had this stage. */
  readonly stage?: string | null;
  /** ISO-8601: only runs that started then or later. */
  readonly since?: string | null;
}

/** The history of runs of this clone. */
export interface Runs {
  record(run: Run): void;
  /** The newest first. */
  list(filter?: RunFilter): Run[];
  /** The one run whose id starts like this. Fails with `usage` when there are several. */
  find(idPrefix: string): Run | undefined;
  close(): void;
}

/** Opens the history, laying it out when it is new. */
export async function openRuns(file: string, ways?: readonly OpenDatabase[]): Promise<Runs> {
  try {
    const database = await openDatabase(file, ways);
    // Several commands of one clone may be at it.
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database, file);
    return new SqliteRuns(database, file);
  } catch (error) {
    throw explain(error, file);
  }
}

class SqliteRuns implements Runs {
  readonly #database: Database;
  readonly #file: string;

  constructor(database: Database, file: string) {
    this.#database = database;
    this.#file = file;
  }

  record(run: Run): void {
    const { id, startedAt, milliseconds, commit, dirty, outcome, stages, params, metrics } = encodeRun(run);
    const values = [id, startedAt, milliseconds, commit, dirty, outcome, stages, params, metrics];
    this.#ask((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        database.run(`INSERT OR REPLACE INTO runs VALUES (${values.map(() => '?').join(', ')})`, ...values);
        for (const { stage } of run.stages) database.run('INSERT OR IGNORE INTO run_stages VALUES (?, ?)', id, stage);
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  list({ limit, stage, since }: RunFilter = {}): Run[] {
    const rows = this.#ask((database) =>
      database.all(
        `SELECT * FROM runs
         WHERE (? OR id IN (SELECT run FROM run_stages WHERE stage = ?)) AND started_at >= ?
         ORDER BY started_at DESC, id DESC LIMIT ?`,
        stage === undefined || stage === null ? 1 : 0,
        stage ?? null,
        since ?? '',
        limit ?? -1,
      ),
    );
    return rows.map((row) => decodeRun(row, this.#file));
  }

  find(idPrefix: string): Run | undefined {
    const rows = this.#ask((database) =>
      database.all(
        'SELECT * FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 2',
        idPrefix,
        `${idPrefix}\u{10ffff}`,
      ),
    );
    if (rows.length > 1) {
      throw new MlopsError('usage', `Several runs begin with ${idPrefix}.`, { hint: 'mlops runs list' });
    }
    return rows.length === 0 ? undefined : decodeRun(rows[0], this.#file);
  }

  close(): void {
    this.#database.close();
  }

  #ask<T>(question: (database: Database) => T): T {
    try {
      return question(this.#database);
    } catch (error) {
      throw explain(error, this.#file);
    }
  }
}

/** SQLite's own errors are foreseen: a file that is no database, a disk that is full, another process in the middle of a write. */
function explain(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof MlopsError) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (!/^(SQLITE_|ERR_SQLITE_)/.test(code)) return error;
  return new MlopsError('failed', `The history of runs in ${file} cannot be used: ${error.message}.`, {
    hint: 'Delete the file to start a new history; nothing else depends on it.',
    cause: error,
  });
}
