import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BINARY, runBinary } from '../support/run-binary.ts';
import { createFolder, createSandbox, GIT_ENV } from '../support/sandbox.ts';

// Every mistake that the first user makes: the exit code of the contract, a sentence with a way out, no stack trace.

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');

/** The exit code and the message of a command that is refused. A stack trace in it fails the test. */
async function refused(cwd: string, ...args: string[]): Promise<{ exitCode: number; err: string }> {
  const { exitCode, err } = await runBinary(cwd, args);
  expect(err).not.toMatch(/\n\s+at .+:\d+:\d+/);
  expect(err).toMatch(/^error: /m);
  return { exitCode, err };
}

async function projectWith(pipeline: string, files: Record<string, string> = {}) {
  const sandbox = await createSandbox();
  await runBinary(sandbox.root, ['init']);
  await sandbox.write({ '.mlops.yaml': pipeline, ...files });
  return sandbox;
}

describe('where one stands', () => {
  test('outside a project, the way in is named', async () => {
    const { exitCode, err } = await refused(await createFolder(), 'status');
    expect(exitCode).toBe(7);
    expect(err).toContain('mlops init');
  });

  test('init outside Git says how to go on, with Git and without', async () => {
    const { exitCode, err } = await refused(await createFolder(), 'init');
    expect(exitCode).toBe(7);
    expect(err).toContain('git init');
    expect(err).toContain('--no-git');
  });
});

describe('mistakes in .mlops.yaml', () => {
  test('every typo is told at once, with its place and the nearest key', async () => {
    const project = await projectWith(
      'stages:\n  train:\n    cdm: node train.js\n    outs: [model.bin]\n  score:\n    cmd: node score.js\n    dep: [model.bin]\n',
    );
    const { exitCode, err } = await refused(project.root, 'status');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/\.mlops\.yaml:3:5.*cmd/s);
    expect(err).toMatch(/\.mlops\.yaml:7:5.*deps/s);
  });

  test('a text that is no YAML is told with its place', async () => {
    const project = await projectWith('stages:\n  train: [unclosed\n');
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/\.mlops\.yaml:\d+:\d+/);
  });

  test('a cycle is told with its path', async () => {
    const project = await projectWith(
      'stages:\n  a: { cmd: touch a, deps: [b], outs: [a] }\n  b: { cmd: touch b, deps: [a], outs: [b] }\n',
    );
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/a.*b.*a/s);
  });

  test('two stages that write one path are both named with their places', async () => {
    const project = await projectWith(
      'stages:\n  first:\n    cmd: touch x\n    outs: [x]\n  second:\n    cmd: touch x\n    outs: [x]\n',
    );
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(2);
    expect(err).toContain('first');
    expect(err).toContain('second');
  });

  test('a path outside the project is refused', async () => {
    const project = await projectWith('stages:\n  a: { cmd: touch x, outs: [../x] }\n');
    expect((await refused(project.root, 'repro')).exitCode).toBe(2);
    const outside = await createFolder();
    expect((await refused(project.root, 'add', outside)).exitCode).toBe(2);
  });

  test('an unknown stage gets the nearest name', async () => {
    const project = await projectWith('stages:\n  train: { cmd: touch x, outs: [x] }\n');
    const { exitCode, err } = await refused(project.root, 'repro', 'trian');
    expect(exitCode).toBe(2);
    expect(err).toContain('train');
  });
});

describe('what a stage does not find or does not make', () => {
  test('a dependency that is not there is named, and nothing is lost', async () => {
    const project = await projectWith('stages:\n  a: { cmd: cp in.csv out.csv, deps: [in.csv], outs: [out.csv] }\n');
    const { exitCode, err } = await refused(project.root, 'repro');
    expect([2, 3, 4]).toContain(exitCode);
    expect(err).toContain('in.csv');
  });

  test('an output that the command did not make fails the stage, and the lockfile does not name it', async () => {
    const project = await projectWith('stages:\n  a: { cmd: "true", outs: [out.csv] }\n');
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(3);
    expect(err).toContain('out.csv');
    expect(project.exists('.mlops.lock.yaml') ? await project.read('.mlops.lock.yaml') : '').not.toContain('out.csv');
  });

  test('a stage that fails leaves its earlier output in place', async () => {
    const project = await projectWith('stages:\n  a: { cmd: sh a.sh, deps: [a.sh], outs: [out.txt] }\n', {
      'a.sh': 'echo good > out.txt\n',
    });
    expect((await runBinary(project.root, ['repro'])).exitCode).toBe(0);
    await project.write({ 'a.sh': 'echo half > out.txt\nexit 5\n' });
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(3);
    expect(err).toContain('5');
    expect(await project.read('out.txt')).toBe('good\n');
    expect(readFileSync(join(project.root, '.mlops', 'failed', 'a', 'out.txt'), 'utf8')).toBe('half\n');
  });
});

describe('data that cannot be trained on', () => {
  const pipeline = (columns: string) =>
    `stages:\n  train:\n    train:\n      data: { train: rows.csv }\n      target: y\n      model: { type: mlp, hidden: [4] }\n${columns}      fit: { epochs: 1 }\n      out: model\n`;

  test('a row with too few fields is named with its row', async () => {
    const project = await projectWith(pipeline(''), { 'rows.csv': 'a,b,y\n1,2,x\n3,4,z\n5,6\n' });
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(3);
    expect(err).toMatch(/rows\.csv/);
    expect(err).toMatch(/(row|line) (3|4)/);
    expect(project.exists('model')).toBe(false);
  });

  test('text in a number column is named with row and column', async () => {
    const columns = '      features: [{ name: a, type: number }]\n';
    const project = await projectWith(pipeline(columns), { 'rows.csv': 'a,y\n1,x\ntwo,z\n3,x\n4,z\n' });
    const { exitCode, err } = await refused(project.root, 'repro');
    expect(exitCode).toBe(3);
    expect(err).toMatch(/"?a"?/);
    expect(err).toMatch(/(row|line) (2|3)/);
    expect(err).toContain('two');
  });
});

describe('remotes that are not there', () => {
  test('a folder that does not exist, to pull from', async () => {
    const project = await projectWith('remote: far\nremotes:\n  far: { url: /nowhere/at/all }\n', { 'a.csv': 'a\n' });
    await runBinary(project.root, ['add', 'a.csv']);
    rmSync(join(project.root, '.mlops', 'cache'), { recursive: true, force: true });
    rmSync(project.path('a.csv'), { force: true });
    const { exitCode, err } = await refused(project.root, 'pull');
    expect(exitCode).toBe(5);
    expect(err).toContain('/nowhere/at/all');
  });

  test('a name that no remote has gets the nearest one', async () => {
    const project = await projectWith('remotes:\n  origin: { url: ../remote }\n', { 'a.csv': 'a\n' });
    await runBinary(project.root, ['add', 'a.csv']);
    const { exitCode, err } = await refused(project.root, 'push', '-r', 'orign');
    expect([2, 5]).toContain(exitCode);
    expect(err).toContain('origin');
  });

  test('an object that is missing on both sides is told by path; the rest arrives', async () => {
    const project = await projectWith('remote: near\nremotes:\n  near: { url: ../near }\n', {
      'a.csv': 'a\n',
      'b.csv': 'b\n',
    });
    const remote = join(project.root, '..', 'near');
    await runBinary(project.root, ['add', 'a.csv', 'b.csv']);
    expect((await runBinary(project.root, ['push'])).exitCode).toBe(0);
    const lock = await project.read('.mlops.lock.yaml');
    const digest = /a\.csv: \{ file: "blake3:([0-9a-f]{64})"/.exec(lock)?.[1] ?? '';
    const object = join(remote, 'v1', 'objects', digest.slice(0, 2), digest.slice(2));
    expect(existsSync(object)).toBe(true);
    rmSync(object);
    rmSync(join(project.root, '.mlops', 'cache'), { recursive: true, force: true });
    rmSync(project.path('a.csv'));
    rmSync(project.path('b.csv'));
    const { exitCode, err, out } = await runBinary(project.root, ['pull']);
    rmSync(remote, { recursive: true, force: true });
    expect(exitCode).toBe(4);
    expect(err + out).toContain('a.csv');
    expect(await project.read('b.csv')).toBe('b\n');
    expect(project.exists('a.csv')).toBe(false);
  });
});

describe('a person who stops it', () => {
  test('Ctrl-C during training ends with 130, and nothing that was there is lost', async () => {
    const project = await projectWith(
      'stages:\n  train:\n    train:\n      data: { train: penguins.csv }\n      target: species\n      model: { type: mlp, hidden: [64] }\n      fit: { epochs: 100000 }\n      out: model\n',
      { 'kept.txt': 'kept\n' },
    );
    cpSync(join(FIXTURES, 'penguins', 'penguins.csv'), project.path('penguins.csv'));
    const child = spawn(process.execPath, [BINARY, 'repro', '--json'], { cwd: project.root, env: GIT_ENV });
    let events = '';
    child.stderr.on('data', (chunk) => {
      const before = events.includes('"epoch"');
      events += String(chunk);
      if (!before && events.includes('"epoch"')) child.kill('SIGINT');
    });
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(130);
    expect(project.exists('model')).toBe(false);
    expect(await project.read('kept.txt')).toBe('kept\n');
    expect(readdirSync(join(project.root, '.mlops', 'aside')).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect((await runBinary(project.root, ['status'])).exitCode).toBe(0);
  });
});

test('a file that nobody may read is refused by name', async () => {
  // Root reads everything, so there is nothing to refuse.
  if (process.getuid?.() === 0) return;
  const project = await projectWith('', { 'secret.csv': 'a\n' });
  chmodSync(project.path('secret.csv'), 0o000);
  const { err } = await refused(project.root, 'add', 'secret.csv');
  expect(err).toContain('secret.csv');
});
