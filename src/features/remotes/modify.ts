import type { Project } from '../../project/project.ts';
import { remoteNamed } from '../../project/remote-of.ts';
import { settingsTarget } from '../../project/settings.ts';
import { checkRemoteUrl } from '../../stores/remotes/index.ts';
import { checkEndpoint, refuseSecrets, writtenUrl } from './laws.ts';

/**
 * What is to be written for one setting of a remote, as typed. Fails with `usage` for a remote that is not there, and for what
 * a remote of its kind cannot have.
 */
export function checkModification(
  project: Project,
  { name, key, value, ...where }: { name: string; key: string; value: string; local?: boolean; user?: boolean },
): string {
  const remote = remoteNamed(project.config, name);
  refuseSecrets({ [key]: value });
  if (key === 'url') {
    checkRemoteUrl(value);
    return writtenUrl(project, value, settingsTarget(where));
  }
  if (['region', 'endpoint', 'profile'].includes(key)) checkEndpoint({ url: remote.url, [key]: value });
  return value;
}
