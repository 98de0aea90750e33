import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { World } from '../../../src/cli/command.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createSandbox } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

const inTwoHours = () => new Date(Date.now() + 2 * 3600 * 1000);

/** Two versions of a tracked file, of which only the second is still needed. */
async function createHistory(world: Partial<World> = {}) {
  const sandbox = await createSandbox();
  const mlops = (...argv: string[]) => runMlops({ cwd: sandbox.root, now: inTwoHours, ...world }, ...argv);
  await mlops('init');
  for (const text of ['first version\n', 'second\n']) {
    await sandbox.write({ 'raw.csv': text });
    await mlops('add', 'raw.csv');
    await sandbox.commit(text);
  }
  const objectOf = (text: string) => {
    const hex = digestOf(text).slice('blake3:'.length);
    return sandbox.path(`.mlops/cache/v1/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
  };
  return {
    ...sandbox,
    mlops,
    objectOf,
    holds: (text: string) => sandbox.exists(objectOf(text).slice(sandbox.root.length + 1)),
  };
}

describe('gc', () => {
  test('says in a dry run exactly what would go, by path', async () => {
    const project = await createHistory();
    expect((await project.mlops('gc', '--workspace', '-n')).out).toBe(
      '  raw.csv  (14 B)\nWould remove 1 object (14 B); 1 object kept.\n',
    );
    expect(project.holds('first version\n')).toBe(true);
    expect((await project.mlops('gc', '--all-commits', '-n')).out).toBe('Nothing to remove; 2 objects kept.\n');
  });

  test('needs a yes where there is nobody to ask', async () => {
    const project = await createHistory();
    expect(await project.mlops('gc', '--workspace')).toMatchObject({
      exitCode: 2,
      out: '',
      err: 'error: 1 object (14 B) would be removed, and there is nobody to ask.\nhint: Look first with --dry-run, then say --yes.\n',
    });
    expect(project.holds('first version\n')).toBe(true);
    expect((await project.mlops('gc', '--workspace', '-y')).out).toBe('Removed 1 object (14 B); 1 object kept.\n');
    expect(project.holds('first version\n')).toBe(false);
    expect(project.holds('second\n')).toBe(true);
  });

  test('asks a person, after saying how much', async () => {
    const asked: string[] = [];
    let answer = 'n';
    const project = await createHistory({ ask: async (question) => (asked.push(question), answer) });
    expect(await project.mlops('gc', '--workspace')).toMatchObject({ exitCode: 8 });
    expect(project.holds('first version\n')).toBe(true);
    answer = 'y';
    expect(await project.mlops('gc', '--workspace')).toMatchObject({ exitCode: 0 });
    expect(project.holds('first version\n')).toBe(false);
    expect(asked).toEqual(Array(2).fill('Remove 1 object (14 B) from the cache? [y/N] '));
  });

  test('wants to know what is to be kept, and for how long at least', async () => {
    const { mlops } = await createHistory();
    expect((await mlops('gc', '-y')).err).toContain('Nothing says what is to be kept.');
    expect((await mlops('gc', '-y')).exitCode).toBe(2);
    expect((await mlops('gc', '--workspace', '--grace', '59m')).exitCode).toBe(2);
    expect((await mlops('gc', '--since', 'yesterday')).err).toContain('"yesterday" is not a date such as 2026-11-01');
    expect((await mlops('gc', '--rev', 'nowhere', '-y')).exitCode).toBe(2);
    expect((await mlops('gc', '--workspace', '--grace', '3h', '-n')).out).toBe(
      'Nothing to remove; 2 objects kept, 1 object of them too young to go.\n',
    );
  });

  test('has the document of the contract', async () => {
    const { mlops } = await createHistory();
    expect(shapeOf((await mlops('gc', '--workspace', '--json', '-n')).json())).toEqual({
      kept: 'number',
      packs: 'number',
      removed: 'number',
      waiting: 'number',
      bytes: 'number',
      scheduled: [],
      dryRun: 'boolean',
      unfinished: 'number',
      young: 'number',
      objects: [{ digest: 'string', size: 'number', path: 'string' }],
    });
  });
});

describe('fsck', () => {
  test('counts what is sound, and names what is not: exit 4 while it is needed, 9 when it is not', async () => {
    const project = await createHistory();
    expect(await project.mlops('fsck')).toMatchObject({
      exitCode: 0,
      out: '2 objects checked: 0 damaged, 0 missing.\n',
    });
    const damage = (text: string) => {
      rmSync(project.objectOf(text));
      writeFileSync(project.objectOf(text), 'damaged');
    };
    damage('first version\n');
    const old = await project.mlops('fsck');
    expect(old.exitCode).toBe(9);
    expect(old.out).toMatch(
      /^ {2}damaged {2}[0-9a-f]{8} \(of an older revision\)\n2 objects checked: 1 damaged, 0 missing\.\n$/,
    );

    damage('second\n');
    rmSync(project.path('raw.csv'));
    const needed = await project.mlops('fsck', '--json');
    expect(needed.exitCode).toBe(4);
    expect(needed.json()).toEqual({
      checked: 1,
      damaged: [{ digest: digestOf('second\n'), where: 'cache', paths: ['raw.csv'], repaired: false }],
      repaired: 0,
      missing: [{ digest: digestOf('second\n'), paths: ['raw.csv'] }],
    });
    expect((await project.mlops('fsck')).err).toBe(
      'error: 1 object that the lockfile needs is missing.\nhint: mlops fsck --repair --remote <name>\n',
    );
    await project.write({ 'raw.csv': 'second\n' });
    expect(await project.mlops('fsck', '--repair')).toMatchObject({
      exitCode: 0,
      out: '0 objects checked: 0 damaged, 0 missing. 1 object repaired.\n',
    });
  });
});
