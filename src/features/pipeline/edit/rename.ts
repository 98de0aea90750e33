import { MlopsError } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { renameYamlKey, yamlValueAt } from '../../../stores/documents/edit-yaml.ts';
import { fullName, splitName, stageNameProblem } from '../../../stores/documents/stage-name.ts';
import type { StageEdited } from './add.ts';
import { changePipeline } from './change.ts';
import { findWritten } from './written-stage.ts';

/** The document of `stage rename`. */
export interface StageRenamed extends StageEdited {
  readonly from: string;
  /** The entries of the lockfile that moved with it. */
  readonly locked: readonly { readonly from: string; readonly to: string }[];
}

/** Gives a stage, or a group of them, another name, in the pipeline and in the lockfile, so that nothing runs again for it. */
export async function renameStage(
  project: Project,
  { from, to, dryRun = false }: { readonly from: string; readonly to: string; readonly dryRun?: boolean },
): Promise<StageRenamed> {
  const stage = await findWritten(project, from, 'stage rename');
  const wanted = splitName(to);
  const own = wanted.own;
  if (wanted.folder !== '.' && wanted.folder !== stage.folder) {
    throw new MlopsError('usage', `"${stage.name}" stays in ${stage.file}, so its folder stays in its name.`, {
      hint: `mlops stage rename ${from} ${own}`,
    });
  }
  const wrong = stageNameProblem(own);
  if (wrong !== null) throw new MlopsError('usage', `The stage's name ${JSON.stringify(own)} ${wrong}.`);
  const name = fullName(stage.folder, own);
  const lockfile = project.readLockfile();
  const locked = Object.keys(lockfile.stages)
    .filter((key) => key === stage.name || key.startsWith(`${stage.name}@`))
    .map((key) => ({ from: key, to: name + key.slice(stage.name.length) }));
  const change = await changePipeline(project, {
    file: stage.file,
    made: () => false,
    dryRun,
    change(text) {
      if (yamlValueAt(text, ['stages', own]) !== undefined) {
        throw new MlopsError('refused', `There is a stage "${name}" already.`, { hint: 'Choose another name.' });
      }
      return renameYamlKey(text, ['stages', stage.own], own);
    },
  });
  if (!dryRun && locked.length > 0) await project.updateLockfile((current) => withNames(current, locked));
  const changedFiles = locked.length > 0 ? [stage.file, LOCKFILE] : [stage.file];
  return { stage: name, from: stage.name, change, locked, changedFiles };
}

function withNames({ data, stages }: Lockfile, moved: StageRenamed['locked']): Lockfile {
  const names = new Map(moved.map(({ from, to }) => [from, to]));
  return {
    data,
    stages: Object.fromEntries(Object.entries(stages).map(([key, stage]) => [names.get(key) ?? key, stage])),
  };
}
