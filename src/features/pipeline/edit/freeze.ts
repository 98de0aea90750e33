import type { Project } from '../../../project/project.ts';
import { removeYamlValue, setYamlValue, yamlValueAt } from '../../../stores/documents/edit-yaml.ts';
import type { StageEdited } from './add.ts';
import { changePipeline } from './change.ts';
import { findWritten } from './written-stage.ts';

/** What to freeze, or to let run again. */
export interface FreezeRequest {
  readonly names: readonly string[];
  readonly frozen: boolean;
  readonly dryRun?: boolean;
}

/** The document of `freeze` and `unfreeze`. */
export interface FreezeResult {
  readonly stages: readonly StageEdited[];
}

/** Freezes stages, which then never run, or ends that. A group of stages is frozen as a whole. */
export async function freezeStages(project: Project, request: FreezeRequest): Promise<FreezeResult> {
  const { names, frozen, dryRun = false } = request;
  const found = [];
  for (const name of names) found.push(await findWritten(project, name, frozen ? 'freeze' : 'unfreeze'));
  const stages: StageEdited[] = [];
  for (const { file, own, name, value } of found) {
    const keys = ['stages', own, ...(Object.hasOwn(value, 'foreach') ? ['do'] : []), 'frozen'] as const;
    const change = await changePipeline(project, {
      file,
      made: () => false,
      dryRun,
      change: (text) => (frozen ? freeze(text, keys) : removeYamlValue(text, keys)),
    });
    stages.push({ stage: name, change, changedFiles: isNothing(change) ? [] : [file] });
  }
  return { stages };
}

function freeze(text: string, keys: readonly [string, ...string[]]): string {
  return yamlValueAt(text, keys) === true ? text : setYamlValue(text, keys, true, 'true');
}

function isNothing({ removed, added }: StageEdited['change']): boolean {
  return removed.length === 0 && added.length === 0;
}
