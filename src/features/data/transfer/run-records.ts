import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { hexOf } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import type { Project } from '../../../project/project.ts';
import { isWhole } from '../../../stores/cache/trees.ts';
import { parseLockfile } from '../../../stores/documents/lockfile.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { isMissing } from '../../../system/file-error.ts';
import { digestOf } from '../../../system/hash.ts';
import { readTextFile, writeFile } from '../../../system/write-file.ts';

/** A run that can be restored: where the run cache keeps it, and what it says. */
export interface RunRecord {
  /** `ab/cd…/<fingerprint>.<run>.yaml`. */
  readonly name: string;
  readonly text: string;
  readonly lockfile: Lockfile;
}

const RUNS = 'v1/runs/';
const NAME = /^[0-9a-f]{2}\/[0-9a-f]{62}\/[0-9a-f]{64}\.([0-9A-Za-z-]{1,60})\.yaml$/;

/** The records of this clone whose outputs are all in the cache. */
export async function recordsHere(project: Project): Promise<RunRecord[]> {
  const cache = await project.cache();
  const isThere = cache.presence();
  return namesIn(project.layout.runCache).flatMap((name) => {
    const record = recordOf(name, readTextFile(join(project.layout.runCache, name)));
    if (record === null) return [];
    const outputs = [...lockedPaths(record.lockfile).values()];
    const isHeld = outputs.every(({ kind, digest }) =>
      kind === 'tree' ? isWhole(cache, digest, isThere) : isThere(digest),
    );
    return isHeld ? [record] : [];
  });
}

/** Every record that a remote has. A file that is not what its name says is left out. */
export async function recordsOn(remote: Remote): Promise<RunRecord[]> {
  const records = new Map<string, RunRecord>();
  for await (const { key } of remote.list(RUNS)) {
    const lines = await textOf(await remote.get(key));
    if (key !== keyOf(lines)) continue;
    for (const line of lines.split('\n').filter((one) => one !== '')) {
      const record = readLine(line);
      if (record !== null) records.set(record.name, record);
    }
  }
  return [...records.values()];
}

/** Puts the records that a remote lacks there, all in one file. Their outputs are there already. Returns its size; null when none was new. */
export async function sendRecords(remote: Remote, records: readonly RunRecord[]): Promise<number | null> {
  await remote.prepare({ dryRun: false });
  const known = new Set((await recordsOn(remote)).map(({ name }) => name));
  const fresh = records.filter(({ name }) => !known.has(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (fresh.length === 0) return null;
  const lines = fresh.map(({ name, text }) => `${JSON.stringify({ record: name, lockfile: text })}\n`).join('');
  const bytes = Buffer.from(lines);
  await remote.put(keyOf(lines), { type: 'bytes', bytes }, 'if-absent');
  return bytes.length;
}

/** Writes records into the run cache, as far as they are not there. */
export function keepRecords({ layout }: Project, records: readonly RunRecord[]): void {
  for (const { name, text } of records) {
    const file = join(layout.runCache, name);
    if (existsSync(file)) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFile(file, text, layout.tmp);
  }
}

function keyOf(lines: string): string {
  return `${RUNS}${hexOf(digestOf(lines))}.jsonl`;
}

function readLine(line: string): RunRecord | null {
  try {
    const { record, lockfile } = JSON.parse(line) as { readonly record?: unknown; readonly lockfile?: unknown };
    return typeof record === 'string' && typeof lockfile === 'string' ? recordOf(record, lockfile) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

/** One that is damaged is none. */
function recordOf(name: string, text: string | undefined): RunRecord | null {
  if (text === undefined || !NAME.test(name)) return null;
  try {
    return { name, text, lockfile: parseLockfile(text, name) };
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'invalid-file') return null;
    throw error;
  }
}

/** How the paths of a record are called. */
export function prefixOf({ name }: RunRecord): string {
  return `run ${NAME.exec(name)?.[1] ?? ''}:`;
}

function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.map((name) => name.replaceAll('\\', '/')).filter((name) => NAME.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
