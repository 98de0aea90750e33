import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import type { Stage } from '../../core/stage.ts';
import { fullName } from '../../stores/documents/stage-name.ts';
import { isPattern } from '../../stores/documents/project-path.ts';
import { foldersAbove, globMatches } from '../../core/overlap.ts';

/** Where a person's relative paths start: the current folder within the project. */
export interface Standpoint {
  readonly root: string;
  readonly cwd: string;
}

/**
 * The stages that targets name: a stage, all stages of a group (`score` → `score@a`, `score@b`), a pattern of names, an
 * output, something inside an output, or a folder of outputs. No targets: all. Fails with `usage` on one that names none.
 */
export function stagesOfTargets(stages: readonly Stage[], targets: readonly string[], from: Standpoint): string[] {
  if (targets.length === 0) return stages.map(({ name }) => name);
  const found = new Set<string>();
  for (const target of targets) {
    const names = matchTarget(stages, target, from);
    if (names.length === 0) throw unknownStage(stages, target);
    for (const name of names) found.add(name);
  }
  return [...found];
}

/** The stages that one target names; none when it names something else. */
export function matchTarget(stages: readonly Stage[], target: string, from: Standpoint): string[] {
  // Where a folder has stages of its own, their names need no folder in front.
  const here = projectPath('.', from);
  const nearby = here === null || here === '.' ? [] : namedBy(stages, fullName(here, target));
  const matched = nearby.length > 0 ? nearby : namedBy(stages, target);
  const found = matched.length > 0 ? matched : stagesByPath(stages, projectPath(target, from));
  return found.map(({ name }) => name);
}

function namedBy(stages: readonly Stage[], target: string): Stage[] {
  const named = stages.filter(({ name }) => name === target || name.startsWith(`${target}@`));
  return named.length > 0 || !isPattern(target) ? named : stages.filter(({ name }) => globMatches(target, name));
}

/** A path as typed → relative to the project's root with forward slashes; null when it is outside. */
export function projectPath(text: string, { root, cwd }: Standpoint): string | null {
  const path = relative(root, resolve(cwd, text));
  if (isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) return null;
  return path === '' ? '.' : path.split(sep).join('/');
}

function stagesByPath(stages: readonly Stage[], path: string | null): Stage[] {
  if (path === null) return [];
  const around = new Set([path, ...foldersAbove(path)]);
  const writes = ({ outputs }: Stage) =>
    outputs.some((output) =>
      isPattern(path) ? globMatches(path, output.path) : around.has(output.path) || output.path.startsWith(`${path}/`),
    );
  return stages.filter(writes);
}

function unknownStage(stages: readonly Stage[], target: string): MlopsError {
  const known = stages.flatMap(({ name, outputs }) => [name, ...outputs.map(({ path }) => path)]);
  const near = nearest(target, known);
  return new MlopsError('usage', `There is no stage or output called ${target}.`, {
    hint: near === undefined ? '`mlops stage list` shows them all.' : `Did you mean ${near}?`,
  });
}
