import { appendFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { sendFound } from '../../../src/features/data/add/to-remote.ts';
import type { Project } from '../../../src/project/project.ts';
import { keyOf } from '../../../src/stores/remotes/object-key.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { openedProject } from '../../support/open-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';

// Long enough not to be sent from memory.
const LARGE = Buffer.alloc(9 << 20, 'large');
const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`data/many/${n}.txt`, `number ${n}`]));

async function projectWithRemotes() {
  const project = await createCliProject({ 'data/large.bin': LARGE, 'data/a.txt': 'a', ...many });
  const stores = { team: join(await createFolder(), 'team'), archive: join(await createFolder(), 'archive') };
  await project.mlops('remote', 'add', '-d', 'team', stores.team);
  await project.mlops('remote', 'add', 'archive', stores.archive);
  const cached = async () => [...(await (await openedProject(project).open()).cache()).list()];
  return { ...project, stores, cached };
}

test('what is sent to a remote at once is tracked, and no file of it is in the cache', async () => {
  const project = await projectWithRemotes();
  const dry = await project.mlops('add', 'data', '--to-remote', '-r', 'archive', '--json', '--dry-run');
  expect(await project.cached()).toEqual([]);
  const done = await project.mlops('add', 'data', '--to-remote', '-r', 'archive', '--json');
  expect(done).toMatchObject({ exitCode: 0 });
  expect(done.json()).toMatchObject({ added: [{ path: 'data', files: 42 }], unchanged: [] });
  expect(dry.json<{ added: unknown }>().added).toEqual(done.json<{ added: unknown }>().added);
  // The lists of two folders are.
  const digests = (await project.cached()).map(({ digest }) => digest);
  expect(digests).toHaveLength(2);
  expect(await project.read('data/a.txt')).toBe('a');
  expect((await project.mlops('status', '--not-in-remote', '-r', 'archive', '--json')).json()).toMatchObject({
    data: [{ path: 'data', state: 'unchanged', cached: false }],
    remote: { name: 'archive', missing: [] },
  });

  const clone = await createSandbox();
  for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) cpSync(project.path(name), clone.path(name));
  expect(await runMlops({ cwd: clone.root }, 'pull', '-r', 'archive')).toMatchObject({ exitCode: 0 });
  expect(await clone.read('data/many/7.txt')).toBe('number 7');
  expect(LARGE.equals(Buffer.from(await clone.read('data/large.bin')))).toBe(true);

  // One file more sends that, and the lists above it.
  await project.write({ 'data/b.txt': 'b' });
  expect(await project.mlops('add', 'data/b.txt', '--to-remote', '-r', 'archive')).toMatchObject({ exitCode: 0 });
  const asked = await project.mlops('status', '--not-in-remote', '-r', 'archive', '--json');
  expect(asked.json()).toMatchObject({ remote: { missing: [] } });
});

test('nothing is tracked when it cannot be sent', async () => {
  const project = await projectWithRemotes();
  const refused = async (exitCode: number, ...argv: string[]) => {
    expect(await project.mlops('add', 'data', ...argv)).toMatchObject({ exitCode });
    expect(project.exists('.mlops.lock.yaml')).toBe(false);
    expect(project.exists('data/.gitignore')).toBe(false);
  };
  await refused(2, '-r', 'archive');
  await refused(2, '--to-remote', '-r', 'archiv');
  await refused(2, '--to-remote', '--no-commit');
  await project.write({ '.mlops.yaml': 'remotes: { team: { url: /dev/null/team } }\nremote: team\n' });
  await refused(5, '--to-remote');
  await project.write({
    '.mlops.yaml': `remotes: { team: { url: ${project.stores.team} } }\ndata: { data: { push: false } }\n`,
  });
  await refused(2, '--to-remote');
  await project.write({ '.mlops.yaml': '' });
  await refused(2, '--to-remote');
});

test('a file that changes while it is sent leaves nothing under a name that promises something', async () => {
  const project = await projectWithRemotes();
  const opened = await openedProject(project).open();
  const meddling: Project = {
    ...opened,
    async openRemote(name) {
      const remote = await opened.openRemote(name);
      const put: typeof remote.put = async (key, content, mode) => {
        if (content.type === 'file' && content.path.endsWith('large.bin')) appendFileSync(content.path, 'more');
        return remote.put(key, content, mode);
      };
      return new Proxy(remote, {
        get: (real, key) => (key === 'put' ? put : bound(real, Reflect.get(real, key, real))),
      });
    },
  };
  const adding = addPaths(meddling, {
    paths: ['data/large.bin'],
    force: false,
    dryRun: false,
    send: (found, lockfile) => sendFound(meddling, null, found, lockfile),
  });
  await expect(adding).rejects.toMatchObject({ kind: 'failed', message: expect.stringContaining('large.bin changes') });
  const remote = await opened.openRemote(null);
  expect(await remote.head(keyOf(digestOf(LARGE)))).toBeUndefined();
  expect(project.exists('.mlops.lock.yaml')).toBe(false);
  rmSync(project.path('data/large.bin'));
});

function bound(owner: object, value: unknown): unknown {
  return typeof value === 'function' ? (value.bind(owner) as unknown) : value;
}
