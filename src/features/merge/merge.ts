import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Report } from '../../core/event.ts';
import {
  type Conflict,
  entriesOf,
  type Entry,
  lockfileOf,
  type Merged,
  mergeLockfiles,
  type Sides,
} from '../../core/merge.ts';
import { layoutOf, LOCKFILE } from '../../project/layout.ts';
import { requireRoot } from '../../project/root.ts';
import { layOutState } from '../../project/state.ts';
import {
  type ConflictedTexts,
  encodeMerged,
  entryText,
  parseSide,
  splitConflict,
} from '../../stores/documents/conflicted-lockfile.ts';
import { readUnmerged } from '../../stores/git/clone-settings.ts';
import { withLease } from '../../system/lease.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';

/** A lockfile to merge. The project is not opened: its pipeline may be in conflict as well. */
export interface MergeRequest {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** As typed; by default the lockfile of the project. */
  readonly file?: string;
  /** Which side settles what is left in question. */
  readonly take?: 'ours' | 'theirs';
  readonly dryRun?: boolean;
}

/** A conflict as a document: the lines of each side, null where it has none. */
export interface ToldConflict {
  readonly kind: Entry['kind'];
  readonly name: string;
  readonly ours: string | null;
  readonly theirs: string | null;
}

/** The document of `merge`. */
export interface MergeResult {
  /** As it can be given to Git in the current folder. */
  readonly file: string;
  /** False when there was nothing to merge. */
  readonly changed: boolean;
  /** What was settled by `--ours`, `--theirs`, or by hand. */
  readonly settled: readonly {
    readonly kind: Entry['kind'];
    readonly name: string;
    readonly by: 'ours' | 'theirs' | 'hand';
  }[];
  readonly conflicts: readonly ToldConflict[];
}

/** Merges the two sides of a lockfile in conflict by path and by stage, and writes what comes out, marks around what is left. */
export async function mergeFile(request: MergeRequest): Promise<MergeResult> {
  const { cwd, env, report, signal } = request;
  const root = requireRoot(cwd);
  const path = request.file === undefined ? join(root, LOCKFILE) : resolve(cwd, request.file);
  const file = relative(cwd, path).split(sep).join('/');
  const layout = layoutOf(root);
  layOutState(layout);
  const lease = {
    folder: layout.leases,
    name: 'lockfile',
    what: 'the lockfile',
    waitMilliseconds: null,
    report,
    signal,
  };
  return withLease(lease, async () => {
    const text = readTextFile(path);
    if (text === undefined) throw new MlopsError('usage', `There is no file ${file}.`, { hint: 'mlops merge [file]' });
    const written = splitConflict(text, file);
    const unmerged = await readUnmerged(dirname(path), env, basename(path));
    const merged = mergeLockfiles(sidesOf(written, unmerged, file), sameText);
    const { done, settled } = settle(merged, choicesIn(written, unmerged, file), request.take);
    const after = encodeMerged(done);
    // What was settled by hand and what was left to one side may speak of one path: such a file would be none.
    if (done.conflicts.length === 0) parseSide(after, file);
    const changed = after !== text.replaceAll('\r\n', '\n');
    if (changed && request.dryRun !== true) writeFile(path, after, layout.tmp);
    return { file, changed, settled, conflicts: done.conflicts.map(told) };
  });
}

/** Whether two entries are written alike. */
export function sameText(a: Entry, b: Entry): boolean {
  return entryText(a) === entryText(b);
}

/** A conflict as a document says it. */
export function told({ kind, name, ours, theirs }: Conflict): ToldConflict {
  const text = (entry: Entry | null) => (entry === null ? null : entryText(entry));
  return { kind, name, ours: text(ours), theirs: text(theirs) };
}

interface Unmerged {
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
}

/** What Git itself keeps is better than what it wrote between marks, where lines of both sides may have run together. */
function sidesOf(written: ConflictedTexts, unmerged: Unmerged | null, file: string): Sides {
  const { base, ours, theirs } = unmerged ?? written;
  return {
    base: base === null ? null : parseSide(base, file),
    ours: parseSide(ours, file),
    theirs: parseSide(theirs, file),
  };
}

/** What a person settled by hand before: entries of the written file that stand outside of all marks. */
function choicesIn(written: ConflictedTexts, unmerged: Unmerged | null, file: string): Map<string, Entry | null> {
  const choices = new Map<string, Entry | null>();
  // Where the file is just our side, nobody has written into it: a merge driver that could not be started leaves it so.
  if (unmerged === null || (!written.hasMarks && written.ours === unmerged.ours.replaceAll('\r\n', '\n')))
    return choices;
  const [ours, theirs] = [entriesOrNone(written.ours, file), entriesOrNone(written.theirs, file)];
  // Where lines of both sides ran together into what no lockfile says, nobody has settled anything.
  if (ours === undefined || theirs === undefined) return choices;
  const all = new Set([unmerged.ours, unmerged.theirs].flatMap((text) => [...entriesOf(parseSide(text, file)).keys()]));
  for (const key of all) {
    const [a, b] = [ours.get(key), theirs.get(key)];
    if (a === undefined && b === undefined) choices.set(key, null);
    else if (a !== undefined && b !== undefined && sameText(a, b)) choices.set(key, a);
  }
  return choices;
}

function entriesOrNone(text: string, file: string): Map<string, Entry> | undefined {
  try {
    return entriesOf(parseSide(text, file));
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'invalid-file') return undefined;
    throw error;
  }
}

function isSame(a: Entry | null, b: Entry | null): boolean {
  return a === null || b === null ? a === b : sameText(a, b);
}

function settle(merged: Merged, choices: ReadonlyMap<string, Entry | null>, take: MergeRequest['take']) {
  const entries = entriesOf(merged.lockfile);
  const settled: MergeResult['settled'][number][] = [];
  const conflicts: Conflict[] = [];
  // Git leaves both of two entries that speak of one path: only a person takes one of them away.
  const tookOne = merged.conflicts.some(
    ({ kind, name, clashes }) => clashes && choices.get(`${kind} ${name}`) === null,
  );
  for (const conflict of merged.conflicts) {
    const { kind, name } = conflict;
    const key = `${kind} ${name}`;
    const chosen = conflict.clashes && !tookOne ? undefined : choices.get(key);
    const isChoice = chosen !== undefined && [conflict.ours, conflict.theirs].some((side) => isSame(side, chosen));
    const by = isChoice ? 'hand' : take;
    if (by === undefined) conflicts.push(conflict);
    else {
      const entry = by === 'hand' ? chosen : conflict[by];
      if (entry !== null && entry !== undefined) entries.set(key, entry);
      settled.push({ kind, name, by });
    }
  }
  return { done: { lockfile: lockfileOf(entries.values()), conflicts }, settled };
}
