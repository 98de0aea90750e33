import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../../../core/digest.ts';
import { MlopsError, systemCode } from '../../../core/errors.ts';
import type { LockedStage } from '../../../core/lockfile.ts';
import type { Project } from '../../../project/project.ts';
import { encodeLockfile, parseLockfile } from '../../../stores/documents/lockfile.ts';
import { readTextFile } from '../../../system/write-file.ts';
import type { Snapshot } from '../decision/decide.ts';
import { definitionDigest, fingerprintOf } from '../decision/fingerprint.ts';
import { snapshotOfLocked } from '../decision/snapshot.ts';

// A record is a lockfile of one stage, so it is as strictly read as one, and keeps the types of params.
const STAGE = 'run';

/** Remembers what a stage wrote, for whenever all that it was made from comes back. */
export function recordRun({ layout }: Pick<Project, 'layout'>, run: string, locked: LockedStage): void {
  const now = snapshotOfLocked(locked);
  const fingerprint = fingerprintOf(now);
  if (fingerprint === undefined) return;
  const folder = folderOf(layout.runCache, now);
  mkdirSync(folder, { recursive: true });
  const text = encodeLockfile({ data: {}, stages: { [STAGE]: locked } });
  const name = `${hexOf(fingerprint)}.${run}.yaml`;
  // Not forced to the disk: a record that a power cut spoils is none, and its stage runs again.
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
}

/** Earlier runs from exactly these inputs, the newest first. One that is damaged, or is not what its name says, is none. */
export function findRuns({ layout }: Pick<Project, 'layout'>, now: Snapshot): LockedStage[] {
  const fingerprint = fingerprintOf(now);
  if (fingerprint === undefined) return [];
  const folder = folderOf(layout.runCache, now);
  const mine = listRecords(folder).filter((name) => name.startsWith(`${hexOf(fingerprint)}.`));
  const records = mine
    .toSorted()
    .toReversed()
    .map((name) => readRecord(join(folder, name)));
  return records
    .filter((record) => record !== null)
    .filter((record) => fingerprintOf(snapshotOfLocked(record)) === fingerprint);
}

/** Whether any earlier run had this definition, and these contents of the dependencies whose content is known. */
export function mayHaveRun({ layout }: Pick<Project, 'layout'>, now: Snapshot, unknown: ReadonlySet<string>): boolean {
  const folder = folderOf(layout.runCache, now);
  return listRecords(folder).some((name) => {
    const record = readRecord(join(folder, name));
    const same = (path: string) => unknown.has(path) || record?.deps[path]?.digest === now.deps[path]?.digest;
    return record !== null && Object.keys(now.deps).every(same);
  });
}

function folderOf(runCache: string, now: Snapshot): string {
  const hex = hexOf(definitionDigest(now));
  return join(runCache, hex.slice(0, 2), hex.slice(2));
}

function listRecords(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function readRecord(file: string): LockedStage | null {
  try {
    const text = readTextFile(file);
    return text === undefined ? null : (parseLockfile(text, file).stages[STAGE] ?? null);
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'invalid-file') return null;
    throw error;
  }
}
