import { foldName } from '../../../core/entry-name.ts';
import { type ErrorKind, MlopsError } from '../../../core/errors.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { readTree } from '../../../stores/cache/trees.ts';
import { coverOf } from '../add/cover.ts';
import type { Measured } from '../scan/scan.ts';

/** One thing to do to one name in the workspace. `had`: what is there now and would be lost. `isEmpty`: of files. */
export type CheckoutStep =
  | { readonly type: 'write'; readonly path: string; readonly entry: TreeEntry; readonly had: Measured | null }
  | { readonly type: 'set-mode'; readonly path: string; readonly entry: TreeEntry; readonly had: Measured }
  | { readonly type: 'make-folder'; readonly path: string; readonly isEmpty: boolean }
  | { readonly type: 'delete'; readonly path: string; readonly had: Measured }
  /** If nothing is left in it. */
  | { readonly type: 'remove-folder'; readonly path: string; readonly isEmpty: boolean };

/** The reason of a path whose object the cache lacks. */
export const NOT_IN_CACHE = 'It is not in the cache.';

/** Why a path cannot be what the lockfile says. */
export interface CheckoutFailure {
  readonly path: string;
  readonly reason: string;
  /** `refused`: something is in the way that goes for nobody. `data-missing`: its bytes are not here, or not sound. */
  readonly kind: ErrorKind;
}

/** The failure that an error means for a path. */
export function failureOf(path: string, { kind, message }: MlopsError): CheckoutFailure {
  if (kind === 'data-missing') return { path, reason: NOT_IN_CACHE, kind };
  // What cannot be looked at is in the way; what is damaged is in quarantine by now, and missing.
  return { path, reason: message, kind: kind === 'usage' ? 'refused' : kind === 'damaged' ? 'data-missing' : kind };
}

/** What is in the way of another kind of thing at a path: all of it goes, or none. */
export interface Clearing {
  readonly path: string;
  readonly steps: readonly CheckoutStep[];
}

/** What makes one tracked path what the lockfile says. The lists are worked off in this order. */
export interface CheckoutPlan {
  readonly clear: readonly Clearing[];
  readonly create: readonly CheckoutStep[];
  /** After everything else was made: through a link nothing is ever written. */
  readonly link: readonly CheckoutStep[];
  readonly remove: readonly CheckoutStep[];
  readonly failed: readonly CheckoutFailure[];
  readonly allowMissing: boolean;
}

/** A tracked path: what is there, and what should be. */
export interface CheckoutQuestion {
  readonly path: string;
  readonly have: Measured | undefined;
  readonly want: TreeEntry | undefined;
  /** Null: all of it. */
  readonly inside: readonly string[] | null;
  /** What is not in the cache is left out without a word. */
  readonly allowMissing: boolean;
  /** Whether the file system takes names for one that differ in case alone, and the like. */
  readonly foldsNames?: boolean;
  /** What a folder holds beside what was measured in it, and so cannot go with it; undefined for nothing. */
  readonly unmeasuredIn?: (path: string, folder: Measured) => string | undefined;
}

/** Decides what to do to a path. Nothing is looked at but the cache's trees; nothing is touched. */
export function planCheckout(cache: Cache, question: CheckoutQuestion): CheckoutPlan {
  const { path, have, want, inside, allowMissing, foldsNames = false, unmeasuredIn } = question;
  const clear: Clearing[] = [];
  const create: CheckoutStep[] = [];
  const link: CheckoutStep[] = [];
  const remove: CheckoutStep[] = [];
  const failed: CheckoutFailure[] = [];

  function visit(at: string, has: Measured | undefined, wants: TreeEntry | undefined): void {
    const cover = at === path ? (inside === null ? 'all' : 'part') : coverOf(at.slice(path.length + 1), inside);
    if (cover === 'none' || isSame(has, wants)) return;
    if (wants === undefined) {
      if (has?.kind === 'tree' && cover === 'part') visitChildren(at, has, []);
      else if (has !== undefined && cover === 'all') takeAway(at, has, remove);
    } else if (wants.kind === 'tree') visitTree(at, has, wants);
    else if (cover === 'all') visitLeaf(at, has, wants);
  }

  function visitTree(at: string, has: Measured | undefined, wants: TreeEntry): void {
    const entries = attempt(at, () => readTree(cache, wants.digest));
    if (entries === undefined) return;
    if (has !== undefined && has.kind !== 'tree') clear.push(clearing(at, has));
    if (has?.kind !== 'tree') create.push({ type: 'make-folder', path: at, isEmpty: wants.files === 0 });
    visitChildren(at, has?.kind === 'tree' ? has : undefined, entries);
  }

  function visitChildren(at: string, has: Measured | undefined, entries: readonly TreeEntry[]): void {
    const there = new Map((has?.children ?? []).map((child) => [child.name, child]));
    const taken = new Map<string, string>();
    for (const entry of entries) {
      const other = foldsNames ? taken.get(foldName(entry.name)) : undefined;
      if (other === undefined) visit(`${at}/${entry.name}`, there.get(entry.name), entry);
      else
        failed.push({
          path: `${at}/${entry.name}`,
          reason: `On this file system it would be the same as "${other}".`,
          kind: 'file-system',
        });
      if (foldsNames && other === undefined) taken.set(foldName(entry.name), entry.name);
      there.delete(entry.name);
    }
    for (const child of there.values()) visit(`${at}/${child.name}`, child, undefined);
  }

  function visitLeaf(at: string, has: Measured | undefined, wants: TreeEntry): void {
    if (has?.digest === wants.digest && has.kind !== 'symlink' && wants.kind !== 'symlink') {
      create.push({ type: 'set-mode', path: at, entry: wants, had: has });
      return;
    }
    // Nothing makes way for what is missing. Where nothing has to, it is enough to find out when it is written.
    if (has !== undefined && !cache.has(wants.digest)) {
      if (!allowMissing) failed.push({ path: at, reason: NOT_IN_CACHE, kind: 'data-missing' });
      return;
    }
    const other = has?.kind === 'tree' ? unmeasuredIn?.(at, has) : undefined;
    if (other !== undefined) {
      const reason = `The folder in its place holds ${other}, which is kept nowhere else.`;
      failed.push({ path: at, reason, kind: 'refused' });
      return;
    }
    if (has?.kind === 'tree') clear.push(clearing(at, has));
    const had = has === undefined || has.kind === 'tree' ? null : has;
    (wants.kind === 'symlink' ? link : create).push({ type: 'write', path: at, entry: wants, had });
  }

  function attempt<T>(at: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error;
      if (error.kind !== 'data-missing' || !allowMissing) failed.push(failureOf(at, error));
      return undefined;
    }
  }

  visit(path, have, want);
  return { clear, create, link, remove, failed, allowMissing };
}

/** Whether there is nothing to do, and nothing to tell. */
export function isDone({ clear, create, link, remove, failed }: CheckoutPlan): boolean {
  return [clear, create, link, remove, failed].every(({ length }) => length === 0);
}

function clearing(path: string, has: Measured): Clearing {
  const steps: CheckoutStep[] = [];
  takeAway(path, has, steps);
  return { path, steps };
}

function takeAway(path: string, has: Measured, into: CheckoutStep[]): void {
  if (has.children === null) {
    into.push({ type: 'delete', path, had: has });
    return;
  }
  for (const child of has.children) takeAway(`${path}/${child.name}`, child, into);
  into.push({ type: 'remove-folder', path, isEmpty: has.files === 0 });
}

function isSame(has: Measured | undefined, wants: TreeEntry | undefined): boolean {
  return has?.digest === wants?.digest && has?.kind === wants?.kind;
}
