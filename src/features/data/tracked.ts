import { MlopsError } from '../../core/errors.ts';
import type { Lockfile } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import { overlaps } from '../../core/overlap.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { hasWildcard, patternOf } from '../../system/ignore-rules.ts';
import { projectPathOf, type Standpoint } from './select.ts';

/** The tracked data that paths as typed, or patterns of them, name exactly. Fails with `usage` on anything else, saying what it is. */
export function trackedData(
  lockfile: Lockfile,
  pipeline: Pipeline,
  typed: readonly string[],
  from: Standpoint,
): Set<string> {
  const known = Object.keys(lockfile.data);
  const found = new Set<string>();
  for (const text of typed) {
    const path = projectPathOf(text, from);
    const matches = Object.hasOwn(lockfile.data, path) ? [path] : hasWildcard(path) ? matching(known, path) : [];
    if (matches.length === 0) throw notTracked(path, lockfile, pipeline);
    for (const match of matches) found.add(match);
  }
  return found;
}

function matching(paths: readonly string[], glob: string): string[] {
  const pattern = patternOf(glob);
  return paths.filter((path) => pattern.test(path));
}

function notTracked(path: string, { data }: Lockfile, { stages }: Pipeline): MlopsError {
  const stage = stages.find(({ outputs }) => outputs.some((output) => overlaps(output.path, path)));
  if (stage !== undefined) {
    return new MlopsError('usage', `${path} belongs to the stage "${stage.name}", and is no data that add tracks.`, {
      hint: `Change the stage in ${stage.place.file}.`,
    });
  }
  const folder = Object.keys(data).find((one) => path.startsWith(`${one}/`));
  if (folder !== undefined) {
    return new MlopsError('usage', `${path} is a part of the tracked folder ${folder}.`, {
      hint: (word) => `Change it in the folder, then: mlops add ${word(path)}`,
    });
  }
  return new MlopsError('usage', `${path} is not tracked${didYouMean(path, Object.keys(data))}`, {
    hint: 'mlops status',
  });
}
