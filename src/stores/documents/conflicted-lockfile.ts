import { invalidFile, type MlopsError } from '../../core/errors.ts';
import { EMPTY_LOCKFILE, type Lockfile } from '../../core/lockfile.ts';
import { type Conflict, type Entry, lockfileOf, type Merged } from '../../core/merge.ts';
import { compareCodePoints } from '../../core/value.ts';
import { parseBlocks } from './blocks.ts';
import { decodeLockfile } from './lockfile-decoder.ts';
import { encodeLockfile } from './lockfile.ts';

/** What a lockfile with the marks of a conflict says on each side. Without marks both are the same. */
export interface ConflictedTexts {
  readonly ours: string;
  readonly theirs: string;
  /** Null where Git was not told to write it down. */
  readonly base: string | null;
  readonly hasMarks: boolean;
}

type Side = 'ours' | 'base' | 'theirs';

/** Takes a text with conflict marks apart. Marks that do not belong together are a mistake with its place. */
export function splitConflict(text: string, file: string): ConflictedTexts {
  const lines: Record<Side, string[]> = { ours: [], base: [], theirs: [] };
  let side: Side | null = null;
  let hasMarks = false;
  let hasBase = true;
  let hadBase = false;
  const rows = text.replaceAll('\r\n', '\n').split('\n');
  for (const [at, row] of rows.entries()) {
    const mark: string | undefined = /^(<{7}|\|{7}|={7}|>{7})(?: |$)/.exec(row)?.[1]?.[0];
    const next: Side | null | undefined = mark === undefined ? undefined : followUp(side, mark);
    if (mark !== undefined && next === undefined) {
      const message = 'This mark of a conflict does not belong to the ones before it.';
      throw invalidFile([{ file, line: at + 1, column: 1, message }], WAY_OUT);
    }
    if (next === undefined) {
      for (const one of side === null ? (['ours', 'base', 'theirs'] as const) : [side]) lines[one].push(row);
      continue;
    }
    if (mark === '<') [hasMarks, hadBase] = [true, false];
    if (mark === '|') hadBase = true;
    if (mark === '>' && !hadBase) hasBase = false;
    side = next;
  }
  if (side !== null) {
    const message = 'The conflict that began above does not end.';
    throw invalidFile([{ file, line: rows.length, column: 1, message }], WAY_OUT);
  }
  const textOf = (one: Side) => lines[one].join('\n');
  return { ours: textOf('ours'), theirs: textOf('theirs'), base: hasBase ? textOf('base') : null, hasMarks };
}

const WAY_OUT = 'Start again from what Git has: git checkout --merge -- .mlops.lock.yaml, then mlops merge';

function followUp(side: Side | null, mark: string): Side | null | undefined {
  if (mark === '<') return side === null ? 'ours' : undefined;
  if (mark === '|') return side === 'ours' ? 'base' : undefined;
  if (mark === '=') return side === 'ours' || side === 'base' ? 'theirs' : undefined;
  return side === 'theirs' ? null : undefined;
}

/** What one side of a merge says; its lines need not be in order, and of an empty section the heading may be left. */
export function parseSide(text: string, file: string): Lockfile {
  const unix = text.replaceAll('\r\n', '\n').replace(/^(?:data|stages):\n(?! )/gm, '');
  if (unix.trim() === '' || unix === 'version: 1\n') return EMPTY_LOCKFILE;
  const problem = (at: number, message: string): MlopsError => {
    const line = unix.slice(0, at).split('\n').length;
    return invalidFile(
      [{ file, line, column: 1, message: `${message[0]?.toUpperCase()}${message.slice(1)}.` }],
      WAY_OUT,
    );
  };
  const whole = unix.endsWith('\n') ? unix : `${unix}\n`;
  return decodeLockfile(parseBlocks(whole, problem), problem);
}

/** The lines of one entry, as the lockfile has them. */
export function entryText(entry: Entry): string {
  return encodeLockfile(lockfileOf([entry]))
    .split('\n')
    .slice(2)
    .join('\n');
}

/** A lockfile in which what is in question stands between marks, as Git writes them; without questions, the lockfile. */
export function encodeMerged({ lockfile, conflicts }: Merged): string {
  if (conflicts.length === 0) return encodeLockfile(lockfile);
  const sections = (['data', 'stage'] as const).map((kind) => {
    const sure: [string, string][] =
      kind === 'data'
        ? Object.entries(lockfile.data).map(([name, value]) => [name, entryText({ kind, name, value })])
        : Object.entries(lockfile.stages).map(([name, value]) => [name, entryText({ kind, name, value })]);
    const open = conflicts.filter((one) => one.kind === kind).map((one): [string, string] => [one.name, marked(one)]);
    const all = [...sure, ...open].toSorted(([a], [b]) => compareCodePoints(a, b));
    return all.length === 0 ? '' : `${kind === 'data' ? 'data' : 'stages'}:\n${all.map(([, text]) => text).join('')}`;
  });
  return `version: 1\n${sections.join('')}`;
}

function marked({ ours, theirs }: Conflict): string {
  const text = (entry: Entry | null) => (entry === null ? '' : entryText(entry));
  return `<<<<<<< ours\n${text(ours)}=======\n${text(theirs)}>>>>>>> theirs\n`;
}
