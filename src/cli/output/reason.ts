import type { StaleReason } from '../../core/run.ts';

/** Why a stage must run, in words. */
export function reasonText(reason: StaleReason): string {
  switch (reason.type) {
    case 'never-run':
      return 'never run';
    case 'command-changed':
      return 'its command changed';
    case 'working-directory-changed':
      return 'its working directory changed';
    case 'settings-changed':
      return `its setting ${reason.name} changed`;
    case 'dependency-changed':
      return `dependency ${reason.path} changed`;
    case 'dependency-missing':
      return `dependency ${reason.path} is missing`;
    case 'dependency-added':
      return `dependency ${reason.path} is new`;
    case 'dependency-removed':
      return `dependency ${reason.path} was removed`;
    case 'param-changed':
      return `param ${reason.name} changed in ${reason.file}`;
    case 'param-added':
      return `param ${reason.name} in ${reason.file} is new`;
    case 'param-removed':
      return `param ${reason.name} in ${reason.file} was removed`;
    case 'env-changed':
      return `environment variable ${reason.name} changed`;
    case 'output-changed':
      return `output ${reason.path} changed`;
    case 'output-missing':
      return `output ${reason.path} is missing`;
    case 'output-added':
      return `output ${reason.path} is new`;
    case 'output-removed':
      return `output ${reason.path} was removed`;
    case 'always-changed':
      return 'always runs';
    case 'forced':
      return 'forced';
    case 'upstream-ran':
      return `after stage ${reason.stage}`;
    case 'changed-during-run':
      return `${reason.path} changed while it ran`;
  }
}
