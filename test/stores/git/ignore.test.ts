import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ignoreInGit, unignoreInGit, withLines } from '../../../src/stores/git/ignore.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

function placeOf(sandbox: Sandbox) {
  return {
    root: sandbox.root,
    layout: { leases: sandbox.path('.mlops/leases'), tmp: sandbox.path('.mlops/tmp') },
    waitMilliseconds: 0,
    report: () => undefined,
    signal: new AbortController().signal,
  };
}

describe('ignored paths', () => {
  test('stand in the .gitignore beside them, sorted, once', async () => {
    const sandbox = await createSandbox({ '.gitignore': '# mine\nnode_modules\n' });
    const place = placeOf(sandbox);
    expect(await ignoreInGit(place, ['z.bin', 'data/raw.csv', 'data/images', 'a.bin'])).toEqual([
      '.gitignore',
      'data/.gitignore',
    ]);
    expect(await sandbox.read('.gitignore')).toBe('# mine\nnode_modules\n/a.bin\n/z.bin\n');
    expect(await sandbox.read('data/.gitignore')).toBe('/images\n/raw.csv\n');
    expect(await ignoreInGit(place, ['data/raw.csv', 'z.bin'])).toEqual([]);
  });

  test('are exactly these for Git, whatever characters they hold', async () => {
    const names = ['a[1].csv', 'b*', 'c?', '#d', '!e', 'f ', 'ä', 'back\\slash', ' g', 'line\nbreak', 'cr\r', 'tab\t'];
    const sandbox = await createSandbox(
      Object.fromEntries([...names, 'a1.csv', 'bb', 'cc', 'break'].map((name) => [name, ''])),
    );
    await ignoreInGit(placeOf(sandbox), names);
    const seen = await sandbox.git('-c', 'core.quotePath=false', 'ls-files', '--others', '--exclude-standard', '-z');
    expect(seen.split('\0').filter(Boolean).toSorted()).toEqual(['.gitignore', 'a1.csv', 'bb', 'break', 'cc']);
  });

  test('behind a link are left alone', async () => {
    const [sandbox, outside] = [await createSandbox(), await createSandbox({ '.gitignore': '/x\n' })];
    symlinkSync(outside.root, sandbox.path('d'));
    expect(await ignoreInGit(placeOf(sandbox), ['d/y'])).toEqual([]);
    expect(await unignoreInGit(placeOf(sandbox), ['d/x'])).toEqual([]);
    expect(await outside.read('.gitignore')).toBe('/x\n');
  });

  test('can be given back to Git; an empty .gitignore goes', async () => {
    const sandbox = await createSandbox({ '.gitignore': 'node_modules\n' });
    const place = placeOf(sandbox);
    await ignoreInGit(place, ['a', 'data/b']);
    expect(await unignoreInGit(place, ['a', 'data/b', 'never'])).toEqual(['.gitignore', 'data/.gitignore']);
    expect(await sandbox.read('.gitignore')).toBe('node_modules\n');
    expect(sandbox.exists('data/.gitignore')).toBe(false);
  });
});

test("lines of the user's own keep their order and line ends", () => {
  expect(withLines('/z\n!keep\n/b', ['a'])).toBe('/z\n!keep\n/a\n/b\n');
  expect(withLines('x\r\n/b\r\n', ['a'])).toBe('x\r\n/a\r\n/b\r\n');
  expect(withLines('', ['a'])).toBe('/a\n');
  expect(withLines('/a\n', ['a'])).toBe('/a\n');
});
