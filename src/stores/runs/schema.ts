import { MlopsError } from '../../core/errors.ts';
import type { Database } from './database.ts';

/** Each step takes a database from the version that is its place in the list to the next. Steps are never changed, only added. */
const STEPS: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     started_at TEXT NOT NULL,
     milliseconds INTEGER NOT NULL,
     commit_id TEXT,
     dirty INTEGER NOT NULL,
     outcome TEXT NOT NULL,
     stages TEXT NOT NULL,
     params TEXT NOT NULL,
     metrics TEXT NOT NULL
   ) STRICT;
   CREATE TABLE run_stages (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     stage TEXT NOT NULL,
     PRIMARY KEY (run, stage)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX run_stages_by_stage ON run_stages (stage, run);`,
  `ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT 'null';
   CREATE INDEX runs_by_start ON runs (started_at DESC, id DESC);
   CREATE TABLE run_metrics (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     name TEXT NOT NULL,
     value REAL NOT NULL,
     PRIMARY KEY (run, name)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO run_metrics
     SELECT runs.id, each.key, each.value FROM runs, json_each(runs.metrics) AS each WHERE each.type IN ('integer', 'real');`,
];

/** Brings a database to the newest version. One that a newer mlops wrote is refused, not guessed at. */
export function migrate(database: Database, file: string): void {
  const version = readVersion(database);
  if (version > STEPS.length) {
    throw new MlopsError('failed', `${file} was written by a newer mlops.`, {
      hint: 'Update mlops, or delete the file: it holds the history of runs of this clone alone.',
    });
  }
  if (version === STEPS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have done it while this one waited.
    for (const step of STEPS.slice(readVersion(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${STEPS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(database: Database): number {
  const [row] = database.all('PRAGMA user_version');
  return typeof row === 'object' && row !== null && 'user_version' in row ? Number(row.user_version) : 0;
}
