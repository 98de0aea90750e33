import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';

const PIPELINE = `stages:
  a: { cmd: cat a.in > a.out, deps: [a.in], outs: [a.out] }
  b: { cmd: cat b.in > b.out, deps: [b.in], outs: [b.out] }
`;

type Made = Awaited<ReturnType<typeof createCliProject>>;

/** Two branches that went apart: `main` with our changes, `other` with theirs. */
async function apart(
  ours: Record<string, string>,
  theirs: Record<string, string>,
  { driver = false }: { driver?: boolean } = {},
): Promise<Made> {
  const made = await createCliProject({
    '.mlops.yaml': PIPELINE,
    'a.in': '1\n',
    'b.in': '1\n',
    'data/m.csv': 'm1\n',
  });
  if (driver) expect((await made.mlops('install', '--merge-driver')).exitCode).toBe(0);
  await made.mlops('add', 'data/m.csv');
  await change(made, {}, 'base');
  await made.git('checkout', '-q', '-b', 'other');
  await change(made, theirs, 'theirs');
  await made.git('checkout', '-q', 'main');
  await made.mlops('checkout', '--force');
  await change(made, ours, 'ours');
  return made;
}

async function change({ write, mlops, commit }: Made, files: Record<string, string>, message: string) {
  await write(files);
  const data = Object.keys(files).filter((path) => /^(?:data|more)\//.test(path));
  if (data.length > 0) expect((await mlops('add', ...data)).exitCode).toBe(0);
  expect((await mlops('repro')).exitCode).toBe(0);
  await commit(message).catch(() => undefined);
}

const tryGit = (made: Made, ...args: string[]) =>
  made.git(...args).then(
    () => '',
    (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ''}${error.stderr ?? ''}`,
  );

const lockOf = (made: Made) => made.read('.mlops.lock.yaml');

async function isWhole(made: Made): Promise<void> {
  expect(await made.git('status', '--porcelain', '.mlops.lock.yaml')).not.toMatch(/^(?:UU|AA)/);
  expect((await made.mlops('checkout', '--force')).exitCode).toBe(0);
  expect((await made.mlops('status', '--check')).exitCode).toBe(0);
}

test('the driver merges what Git cannot: lines side by side, and stages apart', async () => {
  const made = await apart(
    { 'data/n.csv': 'l\n', 'a.in': '2\n' },
    { 'more/n.csv': 'n\n', 'b.in': '3\n' },
    { driver: true },
  );
  expect(await tryGit(made, 'merge', '-q', 'other', '-m', 'merged')).toBe('');
  expect([...(await lockOf(made)).matchAll(/^ {2}((?:data|more)\/\S+):/gm)].map(([, path]) => path)).toEqual([
    'data/m.csv',
    'data/n.csv',
    'more/n.csv',
  ]);
  await isWhole(made);
  expect(await made.git('status', '--porcelain')).toBe('');
});

test('without the driver, merge resolves the same conflict from what Git keeps of both sides', async () => {
  const made = await apart({ 'data/n.csv': 'l\n', 'a.in': '2\n' }, { 'more/k.csv': 'n\n', 'b.in': '3\n' });
  expect(await tryGit(made, 'merge', '-q', 'other')).toContain('CONFLICT');
  const damaged = await made.mlops('status');
  expect(damaged.err).toContain('hint: mlops merge');
  const { out, exitCode } = await made.mlops('merge');
  expect(out).toContain('Merged .mlops.lock.yaml.\n\nTo keep this in Git:\n  git add .mlops.lock.yaml');
  expect(exitCode).toBe(0);
  await made.git('add', '.');
  await isWhole(made);
});

for (const driver of [true, false]) {
  test(`a real conflict is told by name with both sides, ${driver ? 'with' : 'without'} the driver, and merge settles it`, async () => {
    const made = await apart(
      { 'data/m.csv': 'm2\n', 'a.in': '2\n' },
      { 'data/m.csv': 'm3\n', 'a.in': '3\n', 'b.in': '3\n' },
      { driver },
    );
    const [mine, theirs] = [await lockOf(made), await made.git('show', 'other:.mlops.lock.yaml')];
    const said = await tryGit(made, 'merge', 'other');
    expect(said).toContain('CONFLICT');
    if (driver) expect(said).toContain('error: Both sides changed data/m.csv, stage a, each in its own way.');

    const asked = await made.mlops('merge');
    expect(asked.exitCode).toBe(1);
    expect(asked.out.replaceAll(/[0-9a-f]{64}/g, '…')).toMatchInlineSnapshot(`
      "data/m.csv:
        ours    data/m.csv: { file: "blake3:…", size: 3 }
        theirs  data/m.csv: { file: "blake3:…", size: 3 }
      stage a:
        ours    a.in: { file: "blake3:…", size: 2 }
        ours    a.out: { file: "blake3:…", size: 2 }
        theirs  a.in: { file: "blake3:…", size: 2 }
        theirs  a.out: { file: "blake3:…", size: 2 }
      "
    `);
    expect(asked.err).toContain('mlops merge --ours');
    expect(await lockOf(made)).toContain('<<<<<<< ours\n  data/m.csv:');
    expect((await made.mlops('merge')).exitCode).toBe(1);

    const line = (text: string) => /^ {2}data\/m\.csv:.*$/m.exec(text)?.[0] ?? '';
    const block = (text: string, name: string) => new RegExp(`^  ${name}:\\n(?:    .*\\n)*`, 'm').exec(text)?.[0] ?? '';
    // One is settled by hand, the other by a side.
    const byHand = (await lockOf(made)).replace(
      /<<<<<<< ours\n {2}data\/m\.csv.*\n=======\n( {2}data\/m\.csv.*\n)>>>>>>> theirs\n/,
      '$1',
    );
    await made.write({ '.mlops.lock.yaml': byHand });
    const settled = (await made.mlops('merge', '--ours', '--json')).json<{ settled: object[]; conflicts: object[] }>();
    expect(settled).toMatchObject({
      settled: [
        { kind: 'data', name: 'data/m.csv', by: 'hand' },
        { kind: 'stage', name: 'a', by: 'ours' },
      ],
      conflicts: [],
    });
    const merged = await lockOf(made);
    expect(line(merged)).toBe(line(theirs));
    expect(block(merged, 'a')).toBe(block(mine, 'a'));
    expect(block(merged, 'b')).toBe(block(`${theirs}\n`, 'b'));
  });
}

test('a rebase goes through with the driver, commit by commit', async () => {
  const made = await apart({ 'data/n.csv': 'l\n' }, { 'more/k.csv': 'k\n', 'b.in': '2\n' }, { driver: true });
  await change(made, { 'data/o.csv': 'n\n', 'a.in': '4\n' }, 'more');
  expect(await tryGit(made, 'rebase', '-q', 'other')).toBe('');
  expect([...(await lockOf(made)).matchAll(/^ {2}((?:data|more)\/\S+):/gm)]).toHaveLength(4);
  await isWhole(made);
  expect(await made.git('log', '--format=%s')).toBe('more\nours\ntheirs\nbase');
});

test('a driver that is gone leaves our side, which merge does not take for an answer', async () => {
  const made = await apart({ 'data/m.csv': 'm2\n' }, { 'data/m.csv': 'm3\n' }, { driver: true });
  await made.git('config', 'merge.mlops.driver', 'no-such-program %O %A %B');
  expect(await tryGit(made, 'merge', 'other')).toContain('CONFLICT');
  expect((await made.mlops('merge')).exitCode).toBe(1);
  expect((await made.mlops('merge', '--theirs')).exitCode).toBe(0);
  expect(await lockOf(made)).toContain((await made.git('show', 'other:.mlops.lock.yaml')).split('\n')[2]);
});

test('marks alone are enough, also with the common lines in them; what is no conflict is refused with a way out', async () => {
  const made = await createCliProject();
  const entry = (path: string, digit: string) => `  ${path}: { file: "blake3:${digit.repeat(64)}", size: 1 }\n`;
  const text = `version: 1\ndata:\n<<<<<<< HEAD\n${entry('a', '1')}||||||| 123\n${entry('a', '0')}=======\n${entry('a', '0')}${entry('b', '2')}>>>>>>> x\n`;
  await made.write({ 'other.yaml': text.replaceAll('\n', '\r\n') });
  expect((await made.mlops('merge', 'other.yaml')).exitCode).toBe(0);
  expect(await made.read('other.yaml')).toBe(`version: 1\ndata:\n${entry('a', '1')}${entry('b', '2')}`);
  expect((await made.mlops('merge', 'other.yaml')).out).toContain('There is no conflict in other.yaml.');
  for (const [broken, wanted] of [
    ['version: 1\n=======\n', '2:1: This mark of a conflict does not belong'],
    ['version: 1\n<<<<<<< a\n', 'The conflict that began above does not end.'],
    ['<<<<<<< a\nversion: 1\ndata:\n  "../x": 1\n=======\n>>>>>>> b\n', 'is refused'],
  ] as const) {
    await made.write({ 'other.yaml': broken });
    const { err, exitCode } = await made.mlops('merge', 'other.yaml');
    expect([err, exitCode]).toEqual([expect.stringContaining(wanted), 2]);
    expect(await made.read('other.yaml')).toBe(broken);
  }
});

test('merge works while .mlops.yaml is in conflict too', async () => {
  const made = await apart(
    { '.mlops.yaml': `${PIPELINE}# ours\n`, 'data/n.csv': 'l' },
    { '.mlops.yaml': `${PIPELINE}# theirs\n`, 'more/k.csv': 'k' },
  );
  expect(await tryGit(made, 'merge', 'other')).toContain('.mlops.yaml');
  expect((await made.mlops('merge')).exitCode).toBe(0);
});

test('install writes into this clone alone, once, and uninstall takes out just that', async () => {
  const { mlops, git, root, write } = await createCliProject();
  await write({ '.git/info/attributes': '*.bin binary' });
  const before = await git('config', '--local', '--list');
  expect((await mlops('install', '--dry-run')).out).toContain('Would make Git merge lockfiles');
  expect(await git('config', '--local', '--list')).toBe(before);
  expect((await mlops('install')).out).toContain('Made Git merge lockfiles with:');
  expect((await mlops('install')).out).toContain('already');
  const attributes = () => readFile(`${root}/.git/info/attributes`, 'utf8');
  expect(await attributes()).toBe('*.bin binary\n/.mlops.lock.yaml merge=mlops\n');
  expect(await git('check-attr', 'merge', '.mlops.lock.yaml')).toContain('merge: mlops');
  expect(await git('status', '--porcelain', '.git')).toBe('');
  expect((await mlops('uninstall')).out).toContain('Removed the merge driver.');
  expect(await attributes()).toBe('*.bin binary\n');
  expect(await git('config', '--local', '--list')).toBe(before);
  expect((await mlops('uninstall')).out).toContain('not installed');
});

test('each project of a repository has a line of its own, and the last one takes the driver with it', async () => {
  const { mlops, git, root, write } = await createCliProject({ 'my models/x.txt': 'x' });
  const inner = (...argv: string[]) => mlops('-C', 'my models', ...argv);
  expect((await inner('init', '--subdir')).exitCode).toBe(0);
  await mlops('install');
  await inner('install');
  expect(await git('check-attr', 'merge', 'my models/.mlops.lock.yaml')).toContain('merge: mlops');
  await mlops('uninstall');
  expect(await git('config', '--local', 'merge.mlops.driver')).toContain('merge --driver %O %A %B');
  await inner('uninstall');
  expect(await readFile(`${root}/.git/info/attributes`, 'utf8')).not.toContain('mlops');
  await write({});
});
