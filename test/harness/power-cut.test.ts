import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../support/sandbox.ts';
import { mlops, MORE_SCENES, newProject, SCENES } from './kit/scenes.ts';
import { runVictim } from './kit/victim.ts';

type Step = readonly [what: 'write' | 'sync' | 'rename' | 'sync-all', path?: string, to?: string];

/**
 * What a power cut could take, going through what a process did: bytes that got their name before they were on the disk, and
 * names that were not when the lockfile was written.
 */
function findUnsafe(steps: readonly Step[]): string[] {
  const isObject = (path: string): boolean =>
    /\/v1\/(objects|packs)\/.*(?<!\.idx)$/.test(path) && !path.includes('/remote/');
  const unsafe: string[] = [];
  const dirty = new Set<string>();
  const unnamed = new Set<string>();
  for (const [what, path = '', to = ''] of steps) {
    if (what === 'write') dirty.add(path);
    const isGone = (one: string): boolean => what === 'sync-all' || (what === 'sync' && one === path);
    for (const set of [dirty, unnamed]) for (const one of set) if (isGone(one)) set.delete(one);
    if (what !== 'rename') continue;
    const isLockfile = to.endsWith('/.mlops.lock.yaml');
    if ((isObject(to) || isLockfile) && dirty.has(path))
      unsafe.push(`${to} has its name before its bytes are on the disk`);
    if (isObject(to)) unnamed.add(dirname(to));
    if (isLockfile)
      for (const folder of unnamed) unsafe.push(`the lockfile is written before the names in ${folder} last`);
  }
  return unsafe;
}

const NAMES = ['add', 'add of what changed', 'commit', 'repro'];
const scenes = [...SCENES, ...MORE_SCENES].filter(({ name }) => NAMES.includes(name));

async function trace(root: string, argv: readonly string[]): Promise<Step[]> {
  const file = join(await createFolder(), 'trace');
  const { exitCode, err } = await runVictim(root, argv, { fault: `trace ${file}` });
  expect([exitCode, err]).toEqual([0, expect.not.stringContaining('error')]);
  return JSON.parse(readFileSync(file, 'utf8')) as Step[];
}

test.each(scenes)('$name: what the lockfile names is on the disk before it is named', async ({ command, prepare }) => {
  const root = await newProject();
  await prepare(root);
  const steps = await trace(root, command);
  for (const what of ['write', 'rename']) expect(steps.filter((step) => step[0] === what).length).toBeGreaterThan(2);
  expect(findUnsafe(steps)).toEqual([]);
});

test('a few files, and a large one, too', async () => {
  const root = await newProject();
  writeFileSync(join(root, 'large.bin'), Buffer.alloc(3_000_000, 'large'));
  writeFileSync(join(root, 'small.txt'), 'small');
  expect(findUnsafe(await trace(root, ['add', 'large.bin', 'small.txt']))).toEqual([]);
  for (const name of ['large.bin', '.mlops.lock.yaml']) rmSync(join(root, name));
  await mlops(root, 'add', 'small.txt');
});

test('and the check would see it', () => {
  const named: Step = ['rename', '/t/1', '/c/v1/objects/ab/cd'];
  const lockfile: Step = ['rename', '/t/2', '/p/.mlops.lock.yaml'];
  expect(findUnsafe([['write', '/t/1'], named])).toHaveLength(1);
  expect(findUnsafe([['write', '/t/1'], ['sync', '/t/1'], named, lockfile])).toHaveLength(1);
  expect(findUnsafe([['write', '/t/1'], ['sync', '/t/1'], named, ['sync', '/c/v1/objects/ab'], lockfile])).toEqual([]);
});
