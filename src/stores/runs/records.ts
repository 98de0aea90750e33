import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import { isMissing } from '../../system/file-error.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';
import { decodeRun, encodeRun } from './row.ts';

/** Keeps a run as a file of its own, which the history can be made from again. */
export function writeRecord(folder: string, run: Run, tmp: string): void {
  const { startedAt, commit, ...more } = encodeRun(run);
  const record = { ...more, started_at: startedAt, commit_id: commit };
  writeFile(join(folder, `${run.id}.json`), `${JSON.stringify(record)}\n`, tmp);
}

/** Every run that was kept. A file that is damaged is left out. */
export function* readRecords(folder: string): Iterable<Run> {
  for (const name of namesIn(folder)) {
    const run = readRecord(join(folder, name));
    if (run !== null && `${run.id}.json` === name) yield run;
  }
}

/** Whether a run was kept. */
export function hasRecord(folder: string, id: string): boolean {
  return readRecord(join(folder, `${id}.json`)) !== null;
}

/** Forgets a run that was kept. */
export function removeRecord(folder: string, id: string): void {
  rmSync(join(folder, `${id}.json`), { force: true });
}

function readRecord(file: string): Run | null {
  const text = readTextFile(file);
  if (text === undefined) return null;
  try {
    return decodeRun(JSON.parse(text), file);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MlopsError) return null;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
