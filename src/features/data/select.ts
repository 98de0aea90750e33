import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { type LockedPath, lockedPaths, type Lockfile } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { shellWord } from '../../core/shell-word.ts';
import { compareCodePoints } from '../../core/value.ts';
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
 * A name that reads like a pattern is a name first, unless `isGlob` says that all are patterns.
 */
export function selectPaths(
  lockfile: Lockfile,
  pipeline: Pipeline,
  targets: readonly string[],
  from: Standpoint = { root: '/', cwd: '/' },
  isGlob = false,
): Map<string, SelectedPath> {
  const known = lockedPaths(lockfile);
  if (targets.length === 0) return new Map(inOrder(known));

  const chosen = new Map<string, Set<string> | null>();
  for (const target of targets) {
    const stages = stageNames(target, lockfile, pipeline, from);
    const matches = [...outputsOf(stages, lockfile), ...matchPaths(target, known, from, isGlob)];
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

function matchPaths(
  target: string,
  known: ReadonlyMap<string, LockedPath>,
  from: Standpoint,
  isGlob: boolean,
): Match[] {
  const wanted = projectPathOf(target, from);
  const matches: Match[] = [];
  const pattern = hasWildcard(wanted) && (isGlob || !known.has(wanted)) ? patternOf(wanted) : undefined;
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
