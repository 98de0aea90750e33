import type { Project } from '../../project/project.ts';
import { remoteNamed } from '../../project/remote-of.ts';
import { bringPaths } from '../data/transfer/bring.ts';
import type { Pull } from './request.ts';

/**
 * Brings what `repro --pull` needs from a remote, the default one when none is named; outputs with a remote of their own come
 * from there. What no remote has stays missing, which the stage that needs it then says.
 */
export function pullFrom(project: Project, name: string | null): Pull {
  if (name !== null) remoteNamed(project.config, name);
  return async (wanted) => void (await bringPaths(project, wanted, name));
}
