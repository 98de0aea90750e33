import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import { MlopsError } from '../core/errors.ts';
import { withLease } from '../system/lease.ts';
import { readTextFile, writeFile } from '../system/write-file.ts';
import { userConfigFile } from './config.ts';
import type { Project } from './project.ts';

/** Which file a setting is written to: `.mlops.yaml`, this clone's overrides, or the person's own defaults. */
export type SettingsTarget = 'project' | 'local' | 'user';

/** Changes one file of settings under its lease, reading it as it is now; returns the file's absolute path. */
export async function changeSettings(
  {
    layout,
    env,
    waitMilliseconds,
    report,
    signal,
  }: Pick<Project, 'layout' | 'env' | 'waitMilliseconds' | 'report' | 'signal'>,
  target: SettingsTarget,
  change: (text: string) => string,
): Promise<string> {
  const file = { project: layout.pipelineFile, local: layout.localFile, user: userConfigFile(env) }[target];
  if (file === null) {
    throw new MlopsError('usage', 'There is no folder for your own settings: neither XDG_CONFIG_HOME nor HOME is set.');
  }
  const lease = { folder: layout.leases, name: `settings ${target}`, what: file, waitMilliseconds, report, signal };
  await withLease(lease, () => {
    const before = readTextFile(file) ?? '';
    const after = change(before);
    if (after === before) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFile(file, after, layout.tmp);
  });
  return file;
}

/** The file that a person names with `--local` or `--user`; without either it is the one that is committed. */
export function settingsTarget({ local, user }: { readonly local?: boolean; readonly user?: boolean }): SettingsTarget {
  if (local === true && user === true) throw new MlopsError('usage', 'Name one file: --local or --user, not both.');
  return local === true ? 'local' : user === true ? 'user' : 'project';
}

/** A file of settings as people are told of it: from the project's root where it is inside. */
export function shownFile({ root }: Pick<Project, 'root'>, file: string): string {
  const inside = relative(root, file);
  return inside.startsWith('..') || isAbsolute(inside) ? file : inside;
}
