import { existsSync } from 'node:fs';
import { MlopsError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import { type Database, openDatabase, type OpenDatabase, type SqlValue } from './database.ts';
import { readRecords } from './records.ts';
import { decodeRun, encodeRun } from './row.ts';
import { migrate } from './schema.ts';

/** Which runs to list. What is null or left out does not matter. */
export interface RunFilter {
  readonly limit?: number | null;
  /** Only runs that had this stage. */
  readonly stage?: string | null;
  /** ISO-8601: only runs that started then or later. */
  readonly since?: string | null;
  /** ISO-8601: only runs that started earlier. */
  readonly before?: string | null;
  /** Only runs of which all of these hold. */
  readonly where?: readonly MetricCondition[];
  /** By a metric, in place of the start; runs without it come last. */
  readonly sort?: RunOrder | null;
}

/** A comparison of a metric, by its name with its file (`metrics.json:accuracy`) or without. */
export interface MetricCondition {
  readonly metric: string;
  readonly is: '<' | '<=' | '=' | '!=' | '>=' | '>';
  readonly value: number;
}

/** Highest first, unless it ascends. */
export interface RunOrder {
  readonly metric: string;
  readonly ascending: boolean;
}

/** The history of runs of this clone. */
export interface Runs {
  record(run: Run): void;
  /** The newest first, unless they are sorted. */
  list(filter?: RunFilter): Run[];
  /** How many there are, whatever the limit. */
  count(filter?: RunFilter): number;
  /** Forgets runs; their records are the caller's. */
  remove(ids: readonly string[]): void;
  /** The one run whose id starts like this. Fails with `usage` when there are several. */
  find(idPrefix: string): Run | undefined;
  close(): void;
}

/** Opens the history, laying it out from the records in a folder when it is new. */
export async function openRuns(file: string, records: string | null, ways?: readonly OpenDatabase[]): Promise<Runs> {
  try {
    const isNew = !existsSync(file);
    const database = await openDatabase(file, ways);
    // Several commands of one clone may be at it.
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database, file);
    const runs = new SqliteRuns(database, file);
    if (isNew && records !== null) runs.recordAll(readRecords(records));
    return runs;
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
    this.recordAll([run]);
  }

  /** All of them, or none. */
  recordAll(runs: Iterable<Run>): void {
    this.#ask((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const run of runs) insert(database, run);
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  list(filter: RunFilter = {}): Run[] {
    const { sql, values } = conditionOf(filter);
    const { sort, limit } = filter;
    const order = sort ? `${METRIC} ${sort.ascending ? 'ASC' : 'DESC'} NULLS LAST, ` : '';
    const query = `SELECT * FROM runs WHERE ${sql} ORDER BY ${order}started_at DESC, id DESC LIMIT ?`;
    const sorted = sort ? [sort.metric, sort.metric] : [];
    const rows = this.#ask((database) => database.all(query, ...values, ...sorted, limit ?? -1));
    return rows.map((row) => decodeRun(row, this.#file));
  }

  count(filter: RunFilter = {}): number {
    const { sql, values } = conditionOf(filter);
    const [row] = this.#ask((database) => database.all(`SELECT count(*) AS runs FROM runs WHERE ${sql}`, ...values));
    return typeof row === 'object' && row !== null && 'runs' in row ? Number(row.runs) : 0;
  }

  remove(ids: readonly string[]): void {
    this.#ask((database) => {
      for (const id of ids) database.run('DELETE FROM runs WHERE id = ?', id);
    });
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

// A metric by its name with or without its file; so twice the same text.
const NAMED = "(name = ? OR substr(name, instr(name, ':') + 1) = ?)";
const METRIC = `(SELECT value FROM run_metrics WHERE run = runs.id AND ${NAMED} LIMIT 1)`;

function conditionOf({ stage, since, before, where = [] }: RunFilter): { sql: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const add = (sql: string, ...more: SqlValue[]) => (parts.push(sql), values.push(...more));
  if (stage) add('id IN (SELECT run FROM run_stages WHERE stage = ?)', stage);
  if (since) add('started_at >= ?', since);
  if (before) add('started_at < ?', before);
  for (const { metric, is, value } of where) {
    add(`id IN (SELECT run FROM run_metrics WHERE ${NAMED} AND value ${is} ?)`, metric, metric, value);
  }
  return { sql: parts.length === 0 ? '1' : parts.join(' AND '), values };
}

function insert(database: Database, run: Run): void {
  const { id, startedAt, milliseconds, commit, dirty, outcome, stages, params, metrics, host } = encodeRun(run);
  const values = [id, startedAt, milliseconds, commit, dirty, outcome, stages, params, metrics, host];
  database.run('DELETE FROM runs WHERE id = ?', id);
  database.run(`INSERT INTO runs VALUES (${values.map(() => '?').join(', ')})`, ...values);
  for (const { stage } of run.stages) database.run('INSERT OR IGNORE INTO run_stages VALUES (?, ?)', id, stage);
  for (const [name, value] of Object.entries(run.metrics)) {
    if (Number.isFinite(value)) database.run('INSERT OR IGNORE INTO run_metrics VALUES (?, ?, ?)', id, name, value);
  }
}

/** SQLite's own errors are foreseen: a file that is no database, a disk that is full, another process in the middle of a write. */
function explain(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof MlopsError) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (!/^(SQLITE_|ERR_SQLITE_)/.test(code)) return error;
  return new MlopsError('failed', `The history of runs in ${file} cannot be used: ${error.message}.`, {
    hint: 'mlops runs rebuild',
    cause: error,
  });
}
