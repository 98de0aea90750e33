import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { changeSettings, type SettingsTarget, settingsTarget, shownFile } from '../../project/settings.ts';
import type { RemoteConfig } from '../../stores/documents/config-layer.ts';
import { addRemote as addToText, setDefaultRemote } from '../../stores/documents/edit-settings.ts';
import { checkRemoteUrl } from '../../stores/remotes/index.ts';
import { checkEndpoint, refuseSecrets, writtenUrl } from './laws.ts';

/** A remote to be, as typed. */
export interface RemoteAddRequest {
  readonly name: string;
  readonly url: string;
  /** Make it the default one. */
  readonly default?: boolean;
  readonly local?: boolean;
  readonly user?: boolean;
  /** Replace one of the same name. */
  readonly force?: boolean;
  readonly region?: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly anonymous?: boolean;
}

/** The document of `remote add`. */
export interface RemoteAdded {
  readonly name: string;
  /** As it was written: a folder is relative to the project's root. */
  readonly url: string;
  readonly isDefault: boolean;
  /** The file that now names it. */
  readonly file: string;
}

/** Writes a remote into a file of settings. Checks all that can be checked without the remote itself. */
export async function addRemote(project: Project, request: RemoteAddRequest): Promise<RemoteAdded> {
  const target = settingsTarget(request);
  refuseSecrets(request);
  checkRemoteUrl(request.url);
  checkEndpoint(request);
  refuseTaken(project, request, target);

  const url = writtenUrl(project, request.url, target);
  const remote = { url, ...optionsOf(request) };
  const file = await changeSettings(project, target, (text) => {
    const changed = addToText(text, request.name, remote);
    return request.default === true ? setDefaultRemote(changed, request.name) : changed;
  });
  return { name: request.name, url, isDefault: request.default === true, file: shownFile(project, file) };
}

function optionsOf({ region, endpoint, profile, anonymous }: RemoteAddRequest): RemoteConfig {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(anonymous === undefined ? {} : { anonymous }),
  };
}

function refuseTaken({ config }: Project, { name, force }: RemoteAddRequest, target: SettingsTarget): void {
  const taken = Object.hasOwn(config.remotes, name) ? config.remotes[name] : undefined;
  const isHere = target === 'project' || config.origins[`remotes.${name}`] === target;
  if (taken === undefined || !isHere || force === true) return;
  throw new MlopsError('refused', `There is a remote "${name}" already: ${taken.url}.`, {
    hint: `Choose another name, or replace it: mlops remote add --force ${name} <url>`,
  });
}
