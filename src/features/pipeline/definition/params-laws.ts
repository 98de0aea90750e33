import { invalidFile, MlopsError, type Problem } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import { overlaps } from '../../../core/overlap.ts';
import type { ParamsSelection, Stage } from '../../../core/stage.ts';
import type { ValueMap } from '../../../core/value.ts';
import { missingParams } from '../../../stores/documents/select-params.ts';
import { recordedPaths } from '../session.ts';
import type { StageFiles } from '../decision/workspace.ts';

/** Where params come from: the files as they will be, and who else brings them. */
interface Sources {
  readonly files: Pick<StageFiles, 'paramsFile'>;
  /** Files that are changed before anything runs. */
  readonly texts: ReadonlyMap<string, string>;
  readonly writers: readonly Stage[];
  readonly lockfile: Lockfile;
}

/**
 * Refuses params that are not there, each at the place where a stage asks for it. A file that a stage writes is looked at when
 * that one has run, and one that the lockfile names is data, which may have to be pulled first.
 */
export async function checkParams(stages: readonly Stage[], sources: Sources): Promise<void> {
  const readers = stages.filter(({ frozen }) => !frozen);
  const known = new Map<string, ValueMap | null>();
  const problems: Problem[] = [];
  for (const file of new Set(readers.flatMap(({ params }) => params.map((selection) => selection.file)))) {
    if (isBrought(file, sources)) continue;
    try {
      known.set(file, await sources.files.paramsFile(file, sources.texts));
    } catch (error) {
      if (!(error instanceof MlopsError) || error.problems.length === 0) throw error;
      problems.push(...error.problems);
    }
  }
  for (const stage of readers) {
    for (const selection of stage.params) {
      const values = known.get(selection.file);
      if (values !== undefined) problems.push(...problemsOf(stage, selection, values));
    }
  }
  if (problems.length > 0) throw invalidFile(problems);
}

function problemsOf(
  { name, place, places }: Stage,
  { file, names }: ParamsSelection,
  values: ValueMap | null,
): Problem[] {
  const placeOf = (param: string) => places.params.get(`${file}:${param}`) ?? places.params.get(file) ?? place;
  if (values !== null) {
    const missing = missingParams(values, names ?? [], file);
    return missing.map((param) => ({ ...placeOf(param.name), message: param.message }));
  }
  const [first = ''] = names ?? [];
  return [{ ...placeOf(first), message: `The stage "${name}" reads params of ${file}, which is not there.` }];
}

function isBrought(file: string, { writers, lockfile, texts }: Sources): boolean {
  if (writers.some(({ outputs }) => outputs.some(({ path }) => overlaps(path, file)))) return true;
  return !texts.has(file) && [...recordedPaths(lockfile).keys()].some((path) => overlaps(path, file));
}
