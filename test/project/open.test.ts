import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Lockfile } from '../../src/core/lockfile.ts';
import { openProject } from '../../src/project/open.ts';
import { createFolder, createSandbox, GIT_ENV } from '../support/sandbox.ts';

const surroundings = {
  env: GIT_ENV as Record<string, string | undefined>,
  now: () => new Date(0),
  report: () => undefined,
  signal: new AbortController().signal,
  waitMilliseconds: 0,
};
const open = (cwd: string, env: Record<string, string> = {}) =>
  openProject(cwd, { ...surroundings, env: { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere', ...env } });

const file = { kind: 'file', digest: `blake3:${'a'.repeat(64)}`, size: 1, executable: false } as const;
const withData = (path: string) => (current: Lockfile) => ({ ...current, data: { ...current.data, [path]: file } });

describe('the root', () => {
  test('is found from any folder below, by any file of ours', async () => {
    for (const mark of ['.mlops.yaml', '.mlops.lock.yaml', '.mlops/.gitignore']) {
      const sandbox = await createSandbox({ [mark]: mark.includes('lock') ? 'version: 1\n' : '', 'a/b/c': '' });
      const project = await open(sandbox.path('a/b'));
      expect([project.root, project.cwd]).toEqual([sandbox.root, sandbox.path('a/b')]);
    }
  });

  test('is the nearest one, in a repository with several projects', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '', 'sub/.mlops.yaml': '', 'sub/deep/x': '' });
    expect((await open(sandbox.path('sub/deep'))).root).toBe(sandbox.path('sub'));
  });

  test('is missed with the command that makes one', async () => {
    const folder = await createFolder();
    await expect(open(folder)).rejects.toMatchObject({ kind: 'no-project', hint: 'mlops init' });
    await expect(open(join(folder, 'nowhere'))).rejects.toMatchObject({ kind: 'no-project' });
  });
});

test('a fresh clone gets its folder for state, which Git does not see', async () => {
  const sandbox = await createSandbox({ '.mlops.yaml': '' });
  await sandbox.commit('first');
  await open(sandbox.root);
  expect(sandbox.exists('.mlops/.gitignore')).toBe(true);
  expect(await sandbox.git('status', '--porcelain')).toBe('');
});

test.skipIf(process.getuid?.() === 0)('a project that cannot be written to can be opened', async () => {
  const sandbox = await createSandbox({ '.mlops.yaml': '' });
  chmodSync(sandbox.root, 0o555);
  expect((await open(sandbox.root)).root).toBe(sandbox.root);
  chmodSync(sandbox.root, 0o755);
});

describe('the lockfile', () => {
  test('is changed as it is now, and written whole', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    const [one, two] = [await open(sandbox.root), await open(sandbox.root)];
    await one.updateLockfile(withData('a'));
    await two.updateLockfile(withData('b'));
    expect(Object.keys(one.readLockfile().data)).toEqual(['a', 'b']);
  });

  test('keeps all of many changes at once', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    const project = await open(sandbox.root);
    await Promise.all(Array.from({ length: 20 }, (_, at) => project.updateLockfile(withData(`file-${at}`))));
    expect(Object.keys(project.readLockfile().data)).toHaveLength(20);
  });

  test('is not made by a change that changes nothing', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    const project = await open(sandbox.root);
    await project.updateLockfile((current) => current);
    expect(sandbox.exists('.mlops.lock.yaml')).toBe(false);
  });

  test('that is damaged is refused and left as it is', async () => {
    const sandbox = await createSandbox({ '.mlops.lock.yaml': 'version: 1\ndata:\n  half: {' });
    const project = await open(sandbox.root);
    expect(() => project.readLockfile()).toThrow(expect.objectContaining({ kind: 'invalid-file' }));
    await expect(project.updateLockfile(withData('a'))).rejects.toMatchObject({ kind: 'invalid-file' });
    expect(await sandbox.read('.mlops.lock.yaml')).toBe('version: 1\ndata:\n  half: {');
  });
});

describe('settings', () => {
  test('come from person, project, clone and environment, the later one winning', async () => {
    const home = await createFolder();
    mkdirSync(join(home, 'mlops'));
    writeFileSync(join(home, 'mlops', 'config.yaml'), 'jobs: 2\nremotes: { mine: { url: /mine } }\nautostage: true\n');
    const sandbox = await createSandbox({
      '.mlops.yaml':
        'jobs: 3\nresources: { gpu: 4 }\nremote: team\nremotes: { team: { url: "s3://team", region: eu-west-1 } }\n',
      '.mlops.local.yaml':
        'remotes: { team: { endpoint: "http://localhost:9000" } }\ncache: { dir: ../shared }\nresources: { gpu: 2 }\n',
    });
    const { config } = await open(sandbox.root, { XDG_CONFIG_HOME: home, MLOPS_JOBS: '4' });
    expect(config).toEqual({
      remote: 'team',
      remotes: {
        mine: { url: '/mine' },
        team: { url: 's3://team', region: 'eu-west-1', endpoint: 'http://localhost:9000' },
      },
      cache: {
        dir: join(sandbox.root, '..', 'shared'),
        link: ['reflink', 'copy'],
        packBelow: null,
        shared: null,
        keepRuns: 30,
      },
      jobs: 4,
      resources: { gpu: 2 },
      autostage: true,
      origins: {
        jobs: 'env',
        remote: 'project',
        autostage: 'user',
        'remotes.mine': 'user',
        'remotes.mine.url': 'user',
        'remotes.team': 'local',
        'remotes.team.endpoint': 'local',
        'remotes.team.region': 'project',
        'remotes.team.url': 'project',
        'cache.dir': 'local',
        'resources.gpu': 'local',
      },
    });
  });

  test('say below which size objects share files, or that none do', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'cache: { packBelow: 0 }\n' });
    const { config } = await open(sandbox.root);
    expect([config.cache.packBelow, config.origins['cache.packBelow']]).toEqual([0, expect.anything()]);
    await sandbox.write({ '.mlops.yaml': 'cache: { packBelow: 300000 }\n' });
    await expect(open(sandbox.root)).rejects.toMatchObject({ kind: 'invalid-file' });
  });

  test('have defaults', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '# nothing\n' });
    expect((await open(sandbox.root)).config).toEqual({
      remote: null,
      remotes: {},
      cache: {
        dir: sandbox.path('.mlops/cache'),
        link: ['reflink', 'copy'],
        packBelow: null,
        shared: null,
        keepRuns: 30,
      },
      jobs: 1,
      resources: {},
      autostage: false,
      origins: {},
    });
  });

  test('with a mistake stop everything; a mistake in a stage stops only what needs stages', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'stages: { a: { cmdd: x } }\n' });
    const project = await open(sandbox.root);
    await expect(project.pipeline()).rejects.toMatchObject({ kind: 'invalid-file' });
    await sandbox.write({ '.mlops.yaml': 'jobs: many\nstages: { a: { cmdd: x } }\n' });
    await expect(open(sandbox.root)).rejects.toSatisfy((error: { problems: unknown[] }) => error.problems.length >= 2);
    await sandbox.write({ '.mlops.yaml': '', '.mlops.local.yaml': 'stages: {}\n' });
    await expect(open(sandbox.root)).rejects.toMatchObject({
      problems: [{ file: '.mlops.local.yaml', line: 1, column: 1 }],
    });
    await sandbox.write({ '.mlops.local.yaml': '' });
    await expect(open(sandbox.root, { MLOPS_JOBS: 'x' })).rejects.toThrow('The environment variable MLOPS_JOBS is "x"');
  });

  test('of the cache are those of the main work tree in a linked one', async () => {
    const sandbox = await createSandbox({ 'sub/.mlops.yaml': '' });
    await sandbox.commit('first');
    const linked = join(await createFolder(), 'linked');
    await sandbox.git('worktree', 'add', '--quiet', linked, '-b', 'side');
    const project = await open(join(linked, 'sub'));
    expect(project.config.cache.dir).toBe(sandbox.path('sub/.mlops/cache'));
  });
});

describe('a remote', () => {
  test('is opened by name, by default, or because it is the only one', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'remotes: { team: { url: ../remote } }\n' });
    expect((await (await open(sandbox.root)).openRemote(null)).url).toContain('remote');
    expect((await (await open(sandbox.root)).openRemote('team')).url).toContain('remote');
  });

  test('that is not there is told with what to do', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'remotes: { team: { url: ../a }, other: { url: ../b } }\n' });
    const project = await open(sandbox.root);
    await expect(project.openRemote('taem')).rejects.toThrow('did you mean "team"?');
    await expect(project.openRemote(null)).rejects.toMatchObject({ hint: 'mlops remote default team' });
    await sandbox.write({ '.mlops.yaml': '' });
    await expect((await open(sandbox.root)).openRemote(null)).rejects.toMatchObject({
      kind: 'usage',
      hint: 'mlops remote add -d origin <url>',
    });
  });

  test('without a url is told', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'remotes: { team: { region: x } }\n' });
    await expect(open(sandbox.root)).rejects.toThrow('no file says its url');
  });
});
