import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import {
  gitPath,
  gitPrefix,
  readCloneSetting,
  removeCloneSettings,
  setCloneSetting,
} from '../../stores/git/clone-settings.ts';
import { packageFolder } from '../../system/package-folder.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';

/** The document of `install` and `uninstall`. Git's own files are changed, in this clone alone; nothing is committed. */
export interface InstallResult {
  readonly mergeDriver: {
    /** What Git runs to merge lockfiles; null after `uninstall`. */
    readonly command: string | null;
    /** The file that says which files are merged so, absolute. */
    readonly attributes: string;
    readonly changed: boolean;
  };
}

type Opened = Pick<Project, 'root' | 'git' | 'env' | 'layout'>;

const SECTION = 'merge.mlops';

/** Makes Git merge this project's lockfile by path and by stage, in this clone. */
export async function installMergeDriver(project: Opened, { dryRun = false } = {}): Promise<InstallResult> {
  const { root, env } = requireGit(project);
  const attributes = await gitPath(root, env, 'info/attributes');
  const command = `${programIn(env)} merge --driver %O %A %B`;
  const before = readTextFile(attributes) ?? '';
  const line = await attributeLine(root, env);
  const isThere = before.split('\n').includes(line);
  const changed = !isThere || (await readCloneSetting(root, env, `${SECTION}.driver`)) !== command;
  if (changed && !dryRun) {
    await setCloneSetting(root, env, `${SECTION}.name`, 'mlops: by path and by stage');
    await setCloneSetting(root, env, `${SECTION}.driver`, command);
    if (!isThere) write(project, attributes, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
  }
  return { mergeDriver: { command, attributes, changed } };
}

/** Ends that. The driver itself stays as long as another project of the repository is merged by it. */
export async function uninstallMergeDriver(project: Opened, { dryRun = false } = {}): Promise<InstallResult> {
  const { root, env } = requireGit(project);
  const attributes = await gitPath(root, env, 'info/attributes');
  const before = readTextFile(attributes) ?? '';
  const line = await attributeLine(root, env);
  const after = before
    .split('\n')
    .filter((one) => one !== line)
    .join('\n');
  const isLast = !/\bmerge=mlops\b/.test(after);
  const changed = after !== before || (isLast && (await readCloneSetting(root, env, `${SECTION}.driver`)) !== null);
  if (changed && !dryRun) {
    if (after !== before) write(project, attributes, after);
    if (isLast) await removeCloneSettings(root, env, SECTION);
  }
  return { mergeDriver: { command: null, attributes, changed } };
}

function requireGit(project: Opened): Opened {
  if (project.git !== null) return project;
  throw new MlopsError('no-git', 'This project is not in a Git repository.', { hint: 'git init' });
}

function write({ layout }: Opened, path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFile(path, text, layout.tmp);
}

async function attributeLine(root: string, env: Project['env']): Promise<string> {
  const path = `/${await gitPrefix(root, env)}${LOCKFILE}`.replace(/[*?[\\]/g, '\\$&');
  return `${/[\s"]/.test(path) ? JSON.stringify(path) : path} merge=mlops`;
}

/** `mlops` where the shell finds it, so that it is the version of the day; else this very program. */
function programIn(env: Project['env']): string {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  if (folders.some((folder) => existsSync(join(folder, 'mlops')))) return 'mlops';
  const bin = join(packageFolder(), 'bin', 'mlops.js');
  return [process.execPath, bin].map((path) => shellWord(path.replaceAll('\\', '/'))).join(' ');
}
