import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

type Files = Record<string, string | Uint8Array>;

const run = promisify(execFile);

/** A fixed author and clock and no configuration, so that commits have the same ids on every machine. */
export const GIT_ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2030-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: '2030-01-01T00:00:00Z',
};

export type Sandbox = Awaited<ReturnType<typeof createSandbox>>;

/** A folder of its own, gone when the test ends. */
export async function createFolder(): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'mlops-test-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** A real Git repository in a folder of its own, gone when the test ends. */
export async function createSandbox(files: Files = {}) {
  const root = await createFolder();

  async function git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { cwd: root, env: GIT_ENV });
    return stdout.trim();
  }

  async function write(more: Files): Promise<void> {
    for (const [path, content] of Object.entries(more)) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
  }

  async function commit(message: string): Promise<string> {
    await git('add', '.');
    await git('commit', '--message', message);
    return git('rev-parse', 'HEAD');
  }

  await git('init', '--initial-branch', 'main');
  await write(files);
  return {
    root,
    git,
    write,
    commit,
    path: (path: string) => join(root, path),
    exists: (path: string) => existsSync(join(root, path)),
    read: (path: string) => readFile(join(root, path), 'utf8'),
  };
}
