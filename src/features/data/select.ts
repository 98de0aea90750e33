import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { type LockedPath, lockedPaths, type Lockfile } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { TreeEntry } from '../../core/tree.ts';
import { shellWord } from '../../core/shell-word.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTree } from '../../stores/cache/trees.ts';
import { fullName } from '../../stores/documents/stage-name.ts';
import { hasWildcard, patternOf } from '../../system/ignore-rules.ts';

/** Where a person's relative paths start: the current folder within the project. */
export interface Standpoint {
  readonly root: string;
  readonly cwd: string;
}

/** A path that the lockfile names. With `inside`, only these paths in it are meant, relative to it. */
export type SelectedPath = LockedPath & { readonly inside?: readonly string[] };

/**
 * The paths of the lockfile that targets name: tracked paths, folders around them, files and folders inside them, stages,
 * groups of stages (`score` → `score@a` …) and patterns of all these. No targets: all. Fails with `usage` on one that names none.
 */
export function selectPaths(
  lockfile: Lockfile,
  pipeline: Pipeline,
  targets: readonly string[],
  from: Standpoint = { root: '/', cwd: '/' },
): Map<string, SelectedPath> {
  const known = lockedPaths(lockfile);
  if (targets.length === 0) return new Map(inOrder(known));

  const chosen = new Map<string, Set<string> | null>();
  for (const target of targets) {
    const stages = stageNames(target, lockfile, pipeline, from);
    const matches = [...outputsOf(stages, lockfile), ...matchPaths(target, known, from)];
    if (matches.length === 0 && stages.length === 0) throw unknownTarget(target, known, pipeline);
    for (const { path, inside } of matches) {
      const before = chosen.get(path);
      if (inside === null || before === null) chosen.set(path, null);
      else chosen.set(path, (before ?? new Set()).add(inside));
    }
  }
  const selected = new Map<string, SelectedPath>();
  for (const [path, locked] of inOrder(known)) {
    const inside = chosen.get(path);
    if (inside !== undefined) selected.set(path, inside === null ? locked : { ...locked, inside: [...inside] });
  }
  return selected;
}

/** Fails with `usage` when a path inside a folder is meant that the folder does not have, as far as its trees are here. */
export function checkInside(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): void {
  for (const [path, { digest, inside }] of selected) {
    for (const wanted of inside ?? []) {
      const missing = hasWildcard(wanted) ? undefined : firstMissing(cache, digest, wanted);
      if (missing === undefined) continue;
      throw new MlopsError('usage', `The lockfile names nothing at ${path}/${wanted}${missing}`, {
        hint: (word) => `mlops add ${word(`${path}/${wanted}`)}`,
      });
    }
  }
}

/** Whether a tracked folder is known to have nothing at a path inside it. */
export function lacks(cache: Cache, { digest }: LockedPath, path: string): boolean {
  return firstMissing(cache, digest, path) !== undefined;
}

/** The same, where a name inside a folder that reads like a pattern, and is there, stands for itself alone. */
export function namesFirst(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): Map<string, SelectedPath> {
  return new Map(
    [...selected].map(([path, { inside, ...locked }]) => {
      if (inside === undefined) return [path, locked];
      const isName = (part: string) => hasWildcard(part) && cache.has(locked.digest) && !lacks(cache, locked, part);
      return [
        path,
        { ...locked, inside: inside.map((part) => (isName(part) ? part.replace(/[*?[\\]/g, '\\$&') : part)) },
      ];
    }),
  );
}

/** What follows in a sentence about a path that a tree lacks; undefined when it has it, or cannot tell. */
function firstMissing(cache: Cache, digest: Digest, path: string): string | undefined {
  let at = digest;
  for (const name of path.split('/')) {
    if (!cache.has(at)) return undefined;
    let entries: readonly TreeEntry[];
    try {
      entries = readTree(cache, at);
    } catch (error) {
      if (error instanceof MlopsError) return undefined;
      throw error;
    }
    const entry = entries.find((one) => one.name === name);
    if (entry === undefined)
      return didYouMean(
        name,
        entries.map((one) => one.name),
      );
    at = entry.digest;
  }
  return undefined;
}

const keptInGit = new WeakMap<Lockfile, ReadonlySet<string>>();

/** Metrics and the like travel with Git, unless they are told to be in the cache: then Git checks them out. */
export function isKeptInGit(lockfile: Lockfile, path: string): boolean {
  let paths = keptInGit.get(lockfile);
  if (paths === undefined) {
    const outputs = Object.values(lockfile.stages).flatMap((stage) => Object.entries(stage.outputs));
    paths = new Set(outputs.filter(([, output]) => output.cache === false).map(([at]) => at));
    keptInGit.set(lockfile, paths);
  }
  return paths.has(path);
}

/** A path as typed → relative to the root with forward slashes; `.` is the root. Fails with `usage` outside the project. */
export function projectPathOf(typed: string, { root, cwd }: Standpoint): string {
  const path = relative(root, resolve(cwd, typed));
  if (isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) {
    throw new MlopsError('usage', `${typed} is outside the project in ${root}.`, {
      hint: 'Move or copy it into the project first.',
    });
  }
  return path === '' ? '.' : path.split(sep).join('/');
}

interface Match {
  readonly path: string;
  /** Null: all of it. */
  readonly inside: string | null;
}

/** In a folder with stages of its own (`models/churn:train`), `train` is the one of this folder. */
function stageNames(target: string, lockfile: Lockfile, pipeline: Pipeline, { root, cwd }: Standpoint): string[] {
  const names = [...new Set([...pipeline.stages.map(({ name }) => name), ...Object.keys(lockfile.stages)])];
  const named = (wanted: string): string[] => {
    const pattern = hasWildcard(wanted) ? patternOf(wanted) : undefined;
    return names.filter((name) => name === wanted || name.startsWith(`${wanted}@`) || pattern?.test(name));
  };
  const here = relative(root, cwd).split(sep).join('/');
  const nearby = here === '' ? [] : named(fullName(here, target));
  return nearby.length > 0 ? nearby : named(target);
}

function outputsOf(stages: readonly string[], lockfile: Lockfile): Match[] {
  const outputs = stages.flatMap((name) =>
    Object.hasOwn(lockfile.stages, name) ? Object.keys(lockfile.stages[name]?.outputs ?? {}) : [],
  );
  return outputs.map((path) => ({ path, inside: null }));
}

function matchPaths(target: string, known: ReadonlyMap<string, LockedPath>, from: Standpoint): Match[] {
  const wanted = projectPathOf(target, from);
  const matches: Match[] = [];
  // A name that reads like a pattern is a name first.
  const pattern = hasWildcard(wanted) && !known.has(wanted) ? patternOf(wanted) : undefined;
  for (const [path, { kind }] of known) {
    if (wanted === '.' || path === wanted || path.startsWith(`${wanted}/`) || pattern?.test(path)) {
      matches.push({ path, inside: null });
    } else if (kind === 'tree' && wanted.startsWith(`${path}/`)) {
      matches.push({ path, inside: wanted.slice(path.length + 1) });
    }
  }
  return matches;
}

function unknownTarget(target: string, known: ReadonlyMap<string, LockedPath>, pipeline: Pipeline): MlopsError {
  const names = [...known.keys(), ...pipeline.stages.map(({ name }) => name)];
  return new MlopsError('usage', `No tracked path and no stage is called ${target}${didYouMean(target, names)}`, {
    hint: names.length === 0 ? `mlops add ${shellWord(target)}` : 'mlops status',
  });
}

function inOrder(known: ReadonlyMap<string, LockedPath>): [string, LockedPath][] {
  return [...known].sort(([a], [b]) => compareCodePoints(a, b));
}
