import { foldName } from './entry-name.ts';
import type { LockedData, LockedStage, Lockfile } from './lockfile.ts';
import { foldersAbove } from './overlap.ts';
import { compareCodePoints } from './value.ts';

/** One line of data, or one stage, of a lockfile: what is merged as a whole. */
export type Entry =
  | { readonly kind: 'data'; readonly name: string; readonly value: LockedData }
  | { readonly kind: 'stage'; readonly name: string; readonly value: LockedStage };

/** What both sides changed, each in its own way. Null: that side has no such entry. */
export interface Conflict {
  readonly kind: Entry['kind'];
  readonly name: string;
  readonly ours: Entry | null;
  readonly theirs: Entry | null;
  /** Whether another entry, of the other side, speaks of the same path. */
  readonly clashes: boolean;
}

/** Two lockfiles joined: the entries on which there is no question, and the questions. */
export interface Merged {
  readonly lockfile: Lockfile;
  readonly conflicts: readonly Conflict[];
}

/** The three sides of a merge; without a base, what only one side has was added there. */
export interface Sides {
  readonly base: Lockfile | null;
  readonly ours: Lockfile;
  readonly theirs: Lockfile;
}

/**
 * Joins two lockfiles by path and by stage: what one side alone changed is as that side has it. Two entries that speak of one
 * path, each from another side, are a question too. `same` says whether two entries are written alike.
 */
export function mergeLockfiles({ base, ours, theirs }: Sides, same: (a: Entry, b: Entry) => boolean): Merged {
  const [before, mine, other] = [base === null ? null : entriesOf(base), entriesOf(ours), entriesOf(theirs)];
  const alike = (a: Entry | undefined, b: Entry | undefined) =>
    a === undefined || b === undefined ? a === b : same(a, b);
  const kept = new Map<string, Entry>();
  const asked = new Set<string>();
  for (const key of new Set([...mine.keys(), ...other.keys()])) {
    const [a, b] = [mine.get(key), other.get(key)];
    const was = before === null ? undefined : before.get(key);
    const isAdded = before === null && (a === undefined || b === undefined);
    if (alike(a, b)) keep(kept, key, a);
    else if (isAdded) keep(kept, key, a ?? b);
    else if (before !== null && alike(a, was)) keep(kept, key, b);
    else if (before !== null && alike(b, was)) keep(kept, key, a);
    else asked.add(key);
  }
  const clashes = new Set<string>();
  for (let found = clashing(kept, asked, { mine, other, alike }); found.length > 0;) {
    for (const key of found) {
      kept.delete(key);
      asked.add(key);
      clashes.add(key);
    }
    found = clashing(kept, asked, { mine, other, alike });
  }
  const conflicts = [...asked].toSorted(compareCodePoints).map((key): Conflict => {
    const [a, b] = [mine.get(key) ?? null, other.get(key) ?? null];
    return {
      kind: a?.kind ?? b?.kind ?? 'data',
      name: a?.name ?? b?.name ?? '',
      ours: a,
      theirs: b,
      clashes: clashes.has(key),
    };
  });
  return { lockfile: lockfileOf(kept.values()), conflicts };
}

/** A lockfile of these entries. */
export function lockfileOf(entries: Iterable<Entry>): Lockfile {
  const data: [string, LockedData][] = [];
  const stages: [string, LockedStage][] = [];
  for (const entry of entries) {
    if (entry.kind === 'data') data.push([entry.name, entry.value]);
    else stages.push([entry.name, entry.value]);
  }
  return { data: Object.fromEntries(data), stages: Object.fromEntries(stages) };
}

/** The entries of a lockfile, by a key that tells data from stages. */
export function entriesOf({ data, stages }: Lockfile): Map<string, Entry> {
  return new Map<string, Entry>([
    ...Object.entries(data).map(([name, value]) => [`data ${name}`, { kind: 'data', name, value }] as const),
    ...Object.entries(stages).map(([name, value]) => [`stage ${name}`, { kind: 'stage', name, value }] as const),
  ]);
}

function keep(kept: Map<string, Entry>, key: string, entry: Entry | undefined): void {
  if (entry !== undefined) kept.set(key, entry);
}

interface Candidate {
  readonly key: string;
  readonly entry: Entry;
  readonly isOurs: boolean;
  readonly isTheirs: boolean;
}

interface Found {
  readonly mine: ReadonlyMap<string, Entry>;
  readonly other: ReadonlyMap<string, Entry>;
  readonly alike: (a: Entry | undefined, b: Entry | undefined) => boolean;
}

/** The entries thought sure that speak of a path of which another one speaks that no side has beside them. */
function clashing(
  kept: ReadonlyMap<string, Entry>,
  asked: ReadonlySet<string>,
  { mine, other, alike }: Found,
): string[] {
  const candidates: Candidate[] = [];
  const add = (key: string, entry: Entry | undefined) => {
    if (entry === undefined) return;
    const [isOurs, isTheirs] = [alike(mine.get(key), entry), alike(other.get(key), entry)];
    candidates.push({ key, entry, isOurs, isTheirs });
  };
  for (const [key, entry] of kept) add(key, entry);
  for (const key of asked) for (const side of [mine, other]) add(key, side.get(key));

  const owners = new Map<string, Candidate[]>();
  for (const one of candidates) {
    for (const path of pathsOf(one.entry)) owners.set(path, [...(owners.get(path) ?? []), one]);
  }
  const found = new Set<string>();
  for (const [path, those] of owners) {
    const around = [...those, ...foldersAbove(path).flatMap((folder) => owners.get(folder) ?? [])];
    for (const one of those) {
      for (const another of around) {
        if (one.key === another.key) continue;
        if ((one.isOurs && another.isOurs) || (one.isTheirs && another.isTheirs)) continue;
        for (const { key } of [one, another]) if (kept.has(key)) found.add(key);
      }
    }
  }
  return [...found];
}

function pathsOf(entry: Entry): string[] {
  // Names that are one name on some system speak of one path.
  return (entry.kind === 'data' ? [entry.name] : Object.keys(entry.value.outputs)).map(foldName);
}
