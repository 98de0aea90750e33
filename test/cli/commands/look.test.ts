import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

/** Code in Git, a tracked file and a tracked folder, committed. */
async function createData() {
  const project = await createCliProject({
    'src/train.js': 'code\n',
    'raw.csv': 'a\n1\n',
    'images/1.png': 'one',
    'images/deep/2.png': 'two!',
    'images/deep/3.png': 'two!',
  });
  await project.mlops('add', 'raw.csv', 'images');
  await project.git('add', '.');
  await project.commit('first');
  return project;
}

describe('ls', () => {
  test('names what Git has and what is tracked, one folder at a time or all of it', async () => {
    const project = await createData();
    expect((await project.mlops('ls')).out).toBe(
      '.gitignore\n.mlops.lock.yaml\n.mlops.yaml\n.mlopsignore\nimages/\nraw.csv\nsrc/\n',
    );
    expect((await project.mlops('ls', 'images', '--size')).out).toBe(
      ' 3 B  images/1.png\n 8 B  images/deep/\n'.replace(/^ /gm, ''),
    );
    expect((await project.mlops('ls', 'images/deep')).out).toBe('images/deep/2.png\nimages/deep/3.png\n');
    expect((await project.mlops('ls', 'raw.csv')).out).toBe('raw.csv\n');
    expect((await project.mlops('ls', '-R', 'images')).out).toBe(
      'images/1.png\nimages/deep/2.png\nimages/deep/3.png\n',
    );
    expect((await project.mlops('ls', '-R')).out).toContain(
      'images/deep/2.png\nimages/deep/3.png\nraw.csv\nsrc/train.js\n',
    );
    const inside = await runMlops({ cwd: project.path('images') }, 'ls');
    expect(inside.out).toBe('1.png\ndeep/\n');
    expect((await project.mlops('ls', 'image')).err).toBe(
      'error: Neither Git nor the lockfile has image; did you mean "images"?\nhint: mlops ls\n',
    );
    expect((await project.mlops('ls', 'image')).exitCode).toBe(2);
  });

  test('an empty folder is there, and has nothing in it', async () => {
    const project = await createCliProject({ 'd/a': 'a' });
    mkdirSync(project.path('d/e'));
    mkdirSync(project.path('none'));
    await project.mlops('add', 'd', 'none');
    for (const folder of ['d/e', 'none']) {
      const run = await project.mlops('ls', folder, '--json');
      expect(run.json()).toEqual({ entries: [] });
      expect(run.exitCode).toBe(0);
    }
    expect((await project.mlops('ls', 'd/no')).exitCode).toBe(2);
  });

  test('shows another revision, whatever the workspace holds', async () => {
    const project = await createData();
    await project.mlops('remove', 'raw.csv', '--outs');
    await project.git('rm', '-q', '-r', 'src');
    await project.commit('second');
    rmSync(project.path('images'), { recursive: true });
    expect((await project.mlops('ls', '--rev', 'HEAD~1')).out).toContain('images/\nraw.csv\nsrc/\n');
    expect((await project.mlops('ls')).out).not.toContain('raw.csv');
    expect((await project.mlops('ls', '--rev', 'HEAD~1', 'src')).out).toBe('src/train.js\n');
    expect((await project.mlops('ls', '--rev', 'nowhere')).exitCode).toBe(2);
  });

  test('has the document of the contract', async () => {
    const project = await createData();
    const { entries } = (await project.mlops('ls', '--json')).json<{ entries: { path: string }[] }>();
    expect(shapeOf(entries.find(({ path }) => path === 'images'))).toEqual({
      path: 'string',
      kind: 'string',
      size: 'number',
      digest: 'string',
      tracked: 'boolean',
    });
    expect(entries.find(({ path }) => path === 'src')).toEqual({
      path: 'src',
      kind: 'tree',
      size: 5,
      digest: null,
      tracked: false,
    });
  });

  test('says when what is in a folder is not known here', async () => {
    const project = await createData();
    rmSync(project.path('.mlops/cache'), { recursive: true });
    expect(await project.mlops('ls', 'images')).toMatchObject({ exitCode: 4 });
    const all = await project.mlops('ls', '-R');
    expect(all.exitCode).toBe(0);
    expect(all.err).toContain('What is in images is not known here.');
    expect(all.out).toContain('images/\n');
  });
});

describe('cat', () => {
  test('prints what the lockfile names, not what lies in the workspace, at any revision', async () => {
    const project = await createData();
    await project.write({ 'raw.csv': 'changed\n' });
    expect((await project.mlops('cat', 'raw.csv')).out).toBe('a\n1\n');
    expect((await project.mlops('cat', 'images/deep/2.png')).out).toBe('two!');
    await project.mlops('add', 'raw.csv');
    await project.commit('second');
    expect((await project.mlops('cat', 'raw.csv')).out).toBe('changed\n');
    expect((await project.mlops('cat', 'raw.csv', '--rev', 'HEAD~1')).out).toBe('a\n1\n');
    expect((await project.mlops('cat', 'src/train.js', '--rev', 'HEAD~1')).out).toBe('code\n');
  });

  test('gives bytes as they are, also of a file that is too large to be held', async () => {
    const large = new Uint8Array(20 * 1024 * 1024).map((_, at) => at % 251);
    const project = await createCliProject({ 'model.bin': large });
    await project.mlops('add', 'model.bin');
    const chunks: Uint8Array[] = [];
    const world = { cwd: project.root, outBytes: async (bytes: Uint8Array) => void chunks.push(bytes) };
    expect(await runMlops(world, 'cat', 'model.bin')).toMatchObject({ exitCode: 0, out: '' });
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(large)).toBe(true);
  });

  test('fetches what the cache lacks, and never prints a damaged object', async () => {
    const project = await createData();
    const remote = join(await createFolder(), 'store');
    await project.mlops('remote', 'add', 'origin', remote, '-d');
    await project.mlops('push');
    rmSync(project.path('.mlops/cache'), { recursive: true });
    expect((await project.mlops('cat', 'images/deep/2.png')).out).toBe('two!');
    expect((await project.mlops('cat', 'raw.csv')).out).toBe('a\n1\n');

    const objects = project.path('.mlops/cache/v1/objects');
    for (const entry of readdirSync(objects, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      rmSync(join(entry.parentPath, entry.name));
      writeFileSync(join(entry.parentPath, entry.name), 'dam');
    }
    expect((await project.mlops('cat', 'raw.csv')).out).toBe('a\n1\n');
    rmSync(remote, { recursive: true });
    writeFileSync(project.path('.mlops.yaml'), '');
    rmSync(objects, { recursive: true });
    expect(await project.mlops('cat', 'raw.csv')).toMatchObject({
      exitCode: 4,
      out: '',
      err: 'error: raw.csv is not in the cache, and the project has no remote.\nhint: mlops remote add <name> <url>\n',
    });
  });

  test('refuses folders, what is not there, and --json', async () => {
    const { mlops } = await createData();
    expect(await mlops('cat', 'images')).toMatchObject({
      exitCode: 2,
      err: 'error: images is a folder.\nhint: mlops ls images\n',
    });
    expect(await mlops('cat', 'images/deep')).toMatchObject({ exitCode: 2 });
    expect(await mlops('cat', 'src')).toMatchObject({ exitCode: 2 });
    expect((await mlops('cat', 'raw.cvs')).err).toContain(
      'There is no raw.cvs in the lockfile; did you mean "raw.csv"?',
    );
    expect(await mlops('cat', 'raw.csv', '--json')).toMatchObject({ exitCode: 2, out: '' });
  });
});

describe('du', () => {
  test('adds up what the lockfile names', async () => {
    const project = await createData();
    expect((await project.mlops('du')).out).toBe(`path     files  size
images       3  11 B
raw.csv      1  4 B
4 files, 15 B; 11 B when equal files count once.
`);
    expect((await project.mlops('du', 'images/deep', 'images/1.*', '--json')).json()).toEqual({
      paths: [
        { path: 'images/deep', size: 8, files: 2 },
        { path: 'images/1.*', size: 3, files: 1 },
      ],
      size: 11,
      files: 3,
      distinct: 7,
    });
    await project.mlops('remove', 'images');
    expect((await project.mlops('du', '--rev', 'HEAD', 'images', '--json')).json()).toMatchObject({ size: 11 });
    expect((await project.mlops('du', 'images')).exitCode).toBe(2);
  });
});

describe('check-ignore', () => {
  test('names file, line and rule; none at all is exit 1', async () => {
    const project = await createCliProject({
      '.mlopsignore': '# comment\n*.tmp\n/build/\n',
      'data/.mlopsignore': '!keep.tmp\nscratch\n',
    });
    expect(
      await project.mlops('check-ignore', 'a.tmp', 'data/scratch/x', 'build/', 'data/keep.tmp', '.git/x'),
    ).toMatchObject({
      exitCode: 0,
      out: `.mlopsignore:2:*.tmp\ta.tmp
data/.mlopsignore:2:scratch\tdata/scratch/x
always ignored\t.git/x
`,
    });
    await project.write({ 'build/x': '' });
    expect((await project.mlops('check-ignore', 'build/x')).out).toBe('.mlopsignore:3:/build/\tbuild/x\n');
    expect(await project.mlops('check-ignore', 'data/keep.tmp', 'a.csv')).toMatchObject({
      exitCode: 1,
      out: '',
      err: 'error: Nothing ignores data/keep.tmp, a.csv.\n',
    });
    expect((await project.mlops('check-ignore', 'a.tmp', 'a.csv', '--json')).json()).toEqual({
      ignored: [{ path: 'a.tmp', file: '.mlopsignore', line: 2, rule: '*.tmp' }],
      notIgnored: ['a.csv'],
    });
  });
});
