import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { remoteNamed } from '../../project/remote-of.ts';
import { changeSettings, settingsTarget, shownFile } from '../../project/settings.ts';
import {
  removeRemote as removeFromText,
  renameRemote as renameInText,
  saysSetting,
  setDefaultRemote,
  unsetSetting,
} from '../../stores/documents/edit-settings.ts';

/** Which file: the committed one, this clone's (`local`) or the person's own (`user`). */
export interface RemoteFile {
  readonly local?: boolean;
  readonly user?: boolean;
}

/** The document of what changes remotes. */
export interface RemoteChanged {
  readonly name: string;
  /** The file that was changed. */
  readonly file: string;
}

/** Takes a remote out of a file. What is on the remote stays there. Fails with `refused` while tracked data or an output names it. */
export async function removeRemote(project: Project, name: string, where: RemoteFile): Promise<RemoteChanged> {
  remoteNamed(project.config, name);
  await refuseInUse(project, name);
  return change(project, name, where, (text) => removeFromText(text, name));
}

/** Gives a remote another name, as the default one too. Fails with `refused` when that name is taken, or data or an output names the old one. */
export async function renameRemote(
  project: Project,
  name: string,
  to: string,
  where: RemoteFile,
): Promise<RemoteChanged> {
  remoteNamed(project.config, name);
  if (Object.hasOwn(project.config.remotes, to))
    throw new MlopsError('refused', `There is a remote "${to}" already.`, {
      hint: `Remove it first: mlops remote remove ${to}`,
    });
  await refuseInUse(project, name);
  return { ...(await change(project, name, where, (text) => renameInText(text, name, to))), name: to };
}

/** Makes a remote the default one; null: takes the default away. */
export async function setDefault(project: Project, name: string | null, where: RemoteFile): Promise<RemoteChanged> {
  if (name !== null) remoteNamed(project.config, name);
  const file = await changeSettings(project, settingsTarget(where), (text) =>
    name === null ? unsetSetting(text, ['remote']) : setDefaultRemote(text, name),
  );
  return { name: name ?? '', file: shownFile(project, file) };
}

async function change(
  project: Project,
  name: string,
  where: RemoteFile,
  edit: (text: string) => string,
): Promise<RemoteChanged> {
  const file = await changeSettings(project, settingsTarget(where), (text) => {
    if (saysSetting(text, ['remotes', name])) return edit(text);
    const origin = project.config.origins[`remotes.${name}`];
    const flag = origin === 'local' ? '--local' : origin === 'user' ? '--user' : 'neither --local nor --user';
    throw new MlopsError('usage', `The remote "${name}" is not in that file.`, {
      hint: `It is in another one: say ${flag}.`,
    });
  });
  return { name, file: shownFile(project, file) };
}

async function refuseInUse(project: Project, name: string): Promise<void> {
  const { stages, data } = await project.pipeline();
  const users = [
    ...Object.entries(data).flatMap(([path, { remote }]) => (remote === name ? [path] : [])),
    ...stages.flatMap(({ outputs }) => outputs.flatMap(({ path, remote }) => (remote === name ? [path] : []))),
  ];
  if (users.length === 0) return;
  throw new MlopsError('refused', `In .mlops.yaml the remote "${name}" is named by ${users.join(', ')}.`, {
    hint: 'Change their "remote:" first.',
  });
}
