import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCache } from '../../src/stores/cache/cache.ts';
import { runMlops } from '../support/run-mlops.ts';
import { createFolder } from '../support/sandbox.ts';
import { age, lookAtWorkspace, readWholeStore } from './kit/look.ts';
import { type Chance, eachRound, timeFor } from './kit/rounds.ts';
import { commitAll, contentOf, mlops, newProject, PIPELINE, writeData } from './kit/scenes.ts';
import { type Ended, runVictim } from './kit/victim.ts';

const FEW = 3;
const VERSIONS = ['one', 'two', 'three', 'four'];
const GC = ['gc', '--workspace', '--yes', '--grace', '1h', '--json'];

/** A clone that shares its cache with others. */
async function cloneOn(cache: string): Promise<string> {
  const root = await newProject();
  writeFileSync(join(root, '.mlops.local.yaml'), `cache: { dir: ${JSON.stringify(cache)} }\n`);
  writeFileSync(join(root, '.mlops.yaml'), PIPELINE);
  writeData(root, 'one', 40);
  for (const argv of [['add', 'data', 'single.csv'], ['repro']]) await mlops(root, ...argv);
  commitAll(root, 'first');
  return root;
}

/** Something for a clone to do: what changes in it first, and the commands that then run beside each other. */
function workBy(chance: Chance, root: string): readonly (readonly string[])[] {
  switch (chance.below(4)) {
    case 0:
      writeData(root, chance.pick(VERSIONS), 40);
      return [['add', 'data', 'single.csv']];
    case 1:
      writeData(root, chance.pick(VERSIONS), 40);
      return [
        ['add', 'data'],
        ['add', 'single.csv'],
      ];
    case 2:
      writeData(root, chance.pick(VERSIONS), 40);
      return [['commit', '--force']];
    default:
      for (const path of ['data/1', 'single.csv']) rmSync(join(root, path), { recursive: true, force: true });
      return chance.below(2) === 0 ? [['checkout']] : [['checkout'], ['checkout', 'data']];
  }
}

/** Begins a little later, and stands still at one of its calls: between any two of them others may come. */
async function runLater(chance: Chance, root: string, argv: readonly string[]): Promise<[string, Ended]> {
  const [later, call] = [chance.below(160), chance.below(90)];
  await wait(later);
  return [argv.join(' '), await runVictim(root, argv, call === 0 ? null : { fault: `stall ${call}` })];
}

/** What any clone may come to want, while nobody needs it yet: whoever adds it meanwhile finds it, or what is left of it. */
async function putVersions(dir: string): Promise<void> {
  const cache = openCache(dir, { link: ['copy'], tmp: join(dir, 'v1', 'tmp') });
  for (const version of VERSIONS) {
    await cache.batch((batch) => {
      for (let at = 0; at < 40; at++) batch.putBytes(contentOf(version, at));
    });
  }
}

/** All that a clone names is in the cache, and what it has is what it names. */
async function checkClone(root: string): Promise<void> {
  const check = await runMlops({ cwd: root }, 'fsck', '--json');
  expect([check.exitCode, check.json()]).toMatchObject([0, { damaged: [], missing: [] }]);
  const before = lookAtWorkspace(root);
  for (const path of ['data', 'single.csv']) rmSync(join(root, path), { recursive: true, force: true });
  await mlops(root, 'checkout');
  expect(Object.fromEntries(lookAtWorkspace(root))).toEqual(Object.fromEntries(before));
}

test(
  'add, commit, checkout, repro and gc of two clones on one cache: all that is named is there, and nobody fails',
  async () => {
    const cache = join(await createFolder(), 'shared');
    const clones = [await cloneOn(cache), await cloneOn(cache)];
    let removed = 0;
    await eachRound(FEW, async (chance) => {
      const started: Promise<[string, Ended]>[] = [];
      const work = clones.flatMap((root) => workBy(chance, root).map((argv) => ({ root, argv })));
      await putVersions(cache);
      age(cache);
      // As if no collection had been for long, or one a moment ago.
      if (chance.below(2) === 0)
        for (const name of ['collecting', 'collected']) rmSync(join(cache, 'v1', name), { force: true });
      for (let gcs = 1 + chance.below(2); gcs > 0; gcs--) work.push({ root: chance.pick(clones), argv: GC });
      for (const { root, argv } of work) started.push(runLater(chance, root, argv));
      for (const [command, { exitCode, out, err }] of await Promise.all(started)) {
        expect([command, exitCode, err]).toEqual([command, 0, expect.not.stringMatching(/warning|error/)]);
        if (command.startsWith('gc')) removed += (JSON.parse(out) as { removed: number }).removed;
      }
      // What a stage makes of it comes from the cache, or anew, while somebody cleans up.
      age(cache);
      const both = clones.map((root) => runLater(chance, root, ['repro']));
      both.push(runLater(chance, chance.pick(clones), GC));
      for (const [command, { exitCode, out, err }] of await Promise.all(both)) {
        expect([command, exitCode, err]).toEqual([command, 0, expect.not.stringMatching(/\nerror/)]);
        if (command.startsWith('gc')) removed += (JSON.parse(out) as { removed: number }).removed;
      }
      readWholeStore(cache);
      for (const root of clones) await checkClone(root);
    });
    expect(removed).toBeGreaterThan(0);
  },
  timeFor(FEW, 6),
);
