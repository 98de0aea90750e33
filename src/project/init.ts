import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MlopsError } from '../core/errors.ts';
import { type Git, openGit } from '../stores/git/git.ts';
import { withLines } from '../stores/git/ignore.ts';
import { readTextFile, writeFile } from '../system/write-file.ts';
import { IGNORE_FILE, LOCAL_FILE, layoutOf, PIPELINE_FILE, STATE_FOLDER } from './layout.ts';
import { findRoot, isRoot } from './root.ts';
import { layOutState } from './state.ts';
import { IGNORE_TEMPLATE, PIPELINE_TEMPLATE } from './templates.ts';

/** Where and how a project is laid out. */
export interface InitRequest {
  /** The folder that becomes the root. */
  readonly cwd: string;
  /** False for a project without history. */
  readonly git: boolean;
  /** Allows a folder below the top of its Git repository. */
  readonly subdir: boolean;
  /** Completes a project that is there already; what it has stays. */
  readonly force: boolean;
  readonly dryRun?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What `init` made: the files that were written, and those among them that are staged in Git. */
export interface InitResult {
  readonly root: string;
  /** False when one was there already and was completed. */
  readonly isNew: boolean;
  readonly git: boolean;
  readonly files: readonly string[];
  readonly staged: readonly string[];
}

/** Lays out a new project and stages its files in Git. Files that are there are never replaced. */
export async function initProject(request: InitRequest): Promise<InitResult> {
  const root = resolve(request.cwd);
  const git = await openGit(root, request.env);
  check(root, git, request);
  const isNew = !isRoot(root);

  const layout = layoutOf(root);
  const wanted: [path: string, text: string][] = [
    [PIPELINE_FILE, PIPELINE_TEMPLATE],
    [IGNORE_FILE, IGNORE_TEMPLATE],
  ];
  const files = wanted.filter(([path]) => !existsSync(join(root, path)));
  if (request.git) {
    const before = readTextFile(join(root, '.gitignore')) ?? '';
    const after = withLines(before, [LOCAL_FILE]);
    if (after !== before) files.push(['.gitignore', after]);
  }
  const written = files.map(([path]) => path).toSorted();
  if (request.dryRun !== true) {
    const isMade = [...written, STATE_FOLDER].filter((path) => !existsSync(join(root, path)));
    try {
      mkdirSync(root, { recursive: true });
      layOutState(layout);
      for (const [path, text] of files) writeFile(join(root, path), text, layout.tmp);
      if (request.git && git !== null) await git.add(written);
    } catch (error) {
      // Half a project would be in the way of the next attempt.
      for (const path of isMade) rmSync(join(root, path), { recursive: true, force: true });
      throw error;
    }
  }
  return { root, isNew, git: request.git, files: written, staged: request.git ? written : [] };
}

function check(root: string, git: Git | null, { git: wantsGit, subdir, force }: InitRequest): void {
  if (wantsGit && git === null) {
    throw new MlopsError('no-git', `${root} is not in a Git repository.`, {
      hint: 'Make one with `git init`, or go without history: mlops init --no-git',
    });
  }
  if (isRoot(root)) {
    if (force) return;
    throw new MlopsError('refused', `${root} is a project already.`, {
      hint: 'To write only the files that it lacks: mlops init --force',
    });
  }
  if (subdir) return;
  const outer = findRoot(root);
  if (outer !== null && !force) {
    throw new MlopsError('refused', `${root} lies inside the project ${outer}.`, {
      hint: 'To make it a project of its own all the same: mlops init --subdir',
    });
  }
  if (wantsGit && git !== null && git.folder !== root) {
    throw new MlopsError('usage', `${root} is a folder inside the Git repository ${git.folder}.`, {
      hint: `To make it a project of its own: mlops init --subdir. For the whole repository: mlops -C ${git.folder} init`,
    });
  }
}
