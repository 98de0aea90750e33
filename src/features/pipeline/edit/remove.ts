import type { Project } from '../../../project/project.ts';
import { removeYamlValue } from '../../../stores/documents/edit-yaml.ts';
import type { StageEdited } from './add.ts';
import { changePipeline } from './change.ts';
import { findWritten } from './written-stage.ts';

/** Takes a stage, or a group of them, out of the pipeline. What it wrote stays, and so does its entry in the lockfile, until the next run. */
export async function removeStage(
  project: Project,
  { name, dryRun = false }: { readonly name: string; readonly dryRun?: boolean },
): Promise<StageEdited> {
  const stage = await findWritten(project, name, 'stage remove');
  const change = await changePipeline(project, {
    file: stage.file,
    made: () => false,
    dryRun,
    change: (text) => removeYamlValue(text, ['stages', stage.own]),
  });
  return { stage: stage.name, change, changedFiles: [stage.file] };
}
