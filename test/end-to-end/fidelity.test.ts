import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StatusResult } from '../../src/features/pipeline/status.ts';
import { digestFile } from '../../src/system/hash.ts';
import { createCliProject } from '../support/cli-project.ts';
import { runBinary } from '../support/run-binary.ts';

/** Names that some program somewhere takes for something else. */
const NAMES = [
  'plain',
  'with space',
  ' leading space',
  'co:lon',
  ':(top)',
  'new\nline',
  'tab\tand\u0007bell',
  '"double"',
  "it's",
  '*',
  'g*[a]?.x',
  'g[a].x',
  '-n',
  '--force',
  '#hash',
  '!bang',
  '$HOME',
  '~',
  '%41',
  '{a,b}',
  'train@1',
  '\u00e9',
  'e\u0301 other form',
  '日本語',
  '😀',
  '.hidden',
  'ü'.repeat(127),
  'x'.repeat(255),
];

/** Everything below a folder, as one text. */
const listing = (folder: string) =>
  execFileSync('find', ['.', '-printf', '%P %y %m %s %l\\0'], { cwd: folder, encoding: 'utf8' }).split('\0').sort();

test('a folder comes back as it was, whatever the names in it, and every one of them can be asked for', async () => {
  const files = Object.fromEntries(NAMES.map((name, at) => [`data/${name}`, `bytes of ${at}`]));
  const project = await createCliProject({ ...files, 'data/empty': '', 'data/deep [x]/-f/:z': 'z' });
  mkdirSync(project.path('data/nothing in it'));
  chmodSync(project.path('data/plain'), 0o755);
  symlinkSync('plain', project.path('data/link'));
  symlinkSync('nothing in it', project.path('data/link to a folder'));
  expect((await project.mlops('add', 'data')).exitCode).toBe(0);
  await project.commit('data');
  expect(await project.git('ls-files')).not.toContain('data/');
  const before = listing(project.path('data'));
  rmSync(project.path('data'), { recursive: true });
  expect((await project.mlops('checkout')).exitCode).toBe(0);
  expect(listing(project.path('data'))).toEqual(before);
  for (const [at, name] of NAMES.entries()) {
    const path = `data/${name}`;
    expect((await project.mlops('cat', '--', path)).out).toBe(`bytes of ${at}`);
    await project.write({ [path]: 'other' });
    const { data } = (await project.mlops('status', '--json', '--granular')).json<StatusResult>();
    expect(data.filter((row) => row.path !== 'data')).toMatchObject([{ path, state: 'modified' }]);
    expect((await project.mlops('checkout', '-f', '--json', '--', path)).json()).toMatchObject({ modified: [path] });
  }
});

test('each of these names can be tracked, moved, removed and brought back by itself', async () => {
  const names = NAMES.filter((name) => Buffer.byteLength(name) < 200);
  const project = await createCliProject(Object.fromEntries(names.map((name) => [name, name])));
  expect((await project.mlops('add', '--', ...names)).exitCode).toBe(0);
  await project.commit('all');
  const inGit = (await project.git('ls-files', '-z')).split('\0');
  expect(inGit.filter((path) => names.includes(path))).toEqual([]);
  for (const name of names) {
    rmSync(project.path(name));
    expect((await project.mlops('checkout', '--json', '--', name)).json()).toMatchObject({ added: [name] });
    expect(await project.read(name)).toBe(name);
    expect((await project.mlops('move', '--', name, `there/${name}`)).exitCode).toBe(0);
    expect((await project.mlops('move', '--', `there/${name}`, name)).exitCode).toBe(0);
    expect(await project.git('status', '--porcelain')).toBe('');
    expect((await project.mlops('remove', '--json', '--', name)).json()).toMatchObject({ removed: [{ path: name }] });
    expect(await project.git('status', '--porcelain', '-z', '-uall')).toContain(`?? ${name}`);
    expect((await project.mlops('add', '--', name)).exitCode).toBe(0);
    expect(await project.git('status', '--porcelain')).toBe('');
  }
});

test('a name that reads like a pattern is a name first', async () => {
  const project = await createCliProject({ '*': 'star', plain: 'plain' });
  await project.mlops('add', '--', '*', 'plain');
  await project.write({ '*': 'other', plain: 'edited' });
  expect((await project.mlops('checkout', '-f', '--json', '--', '*')).json()).toMatchObject({ modified: ['*'] });
  expect(await project.read('plain')).toBe('edited');
});

test('paths as long as the system takes them are data as any other', async () => {
  const project = await createCliProject();
  const script =
    'n=$(printf "y%.0s" {1..240}); for i in {1..13}; do mkdir -p $n; cd -P $n; done; echo deep > f; chmod +x f';
  mkdirSync(project.path('data'));
  execFileSync('bash', ['-c', script], { cwd: project.path('data') });
  const before = listing(project.path('data'));
  expect((await project.mlops('add', 'data')).exitCode).toBe(0);
  rmSync(project.path('data'), { recursive: true });
  expect((await project.mlops('checkout')).exitCode).toBe(0);
  expect(listing(project.path('data'))).toEqual(before);
  expect((await project.mlops('status', '--json')).json()).toMatchObject({ clean: true });
});

test('a sparse file is its bytes, holes and all', async () => {
  const project = await createCliProject({ 'hole.bin': 'start' });
  truncateSync(project.path('hole.bin'), 20_000_000);
  cpSync(project.path('hole.bin'), project.path('before.bin'));
  await project.mlops('add', 'hole.bin');
  rmSync(project.path('hole.bin'));
  await project.mlops('checkout');
  expect(readFileSync(project.path('hole.bin')).equals(readFileSync(project.path('before.bin')))).toBe(true);
});

// It needs 14 GB of room and a minute.
test.skipIf(process.env['MLOPS_LARGE_FILES'] === undefined)(
  'a file beyond 4 GiB goes in, out, to a remote and back',
  { timeout: 600_000 },
  async () => {
    const project = await createCliProject({ 'big.bin': '' });
    const remote = project.path('../remote-of-large-files');
    onTestFinished(() => rmSync(remote, { recursive: true, force: true }));
    const big = project.path('big.bin');
    const size = 4_500 * 1024 * 1024 + 7;
    truncateSync(big, size);
    const fd = openSync(big, 'r+');
    for (const at of [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, size - 3]) writeSync(fd, 'end', at);
    const { digest } = digestFile(big);
    const mlops = (...args: string[]) => runBinary(project.root, args);
    expect((await mlops('add', 'big.bin', '--json')).json()).toMatchObject({ added: [{ digest, size }] });
    expect((await mlops('status', '--check')).exitCode).toBe(0);
    rmSync(big);
    expect((await mlops('checkout')).exitCode).toBe(0);
    expect(statSync(big).size).toBe(size);
    expect(digestFile(big).digest).toBe(digest);
    await mlops('remote', 'add', '-d', 'origin', remote);
    expect((await mlops('push')).exitCode).toBe(0);
    rmSync(big);
    rmSync(join(project.root, '.mlops'), { recursive: true });
    expect((await mlops('pull')).exitCode).toBe(0);
    expect(digestFile(big).digest).toBe(digest);
    expect((await mlops('fsck')).exitCode).toBe(0);
    expect(readdirSync(project.path('.mlops/tmp'))).toEqual([]);
  },
);
