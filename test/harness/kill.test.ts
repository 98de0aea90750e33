import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLockfile } from '../../src/stores/documents/lockfile.ts';
import { lockedPaths } from '../../src/core/lockfile.ts';
import { readTextFile } from '../../src/system/write-file.ts';
import { runMlops } from '../support/run-mlops.ts';
import { age, filesUnder, readWholeStore } from './kit/look.ts';
import { cacheOf, lockfileOf, lostFiles, type Rehearsal, rehearse, stateOf } from './kit/rehearse.ts';
import { type Chance, eachRound, timeFor } from './kit/rounds.ts';
import { mlops, type Scene, SCENES } from './kit/scenes.ts';
import { type Disturbance, runVictim } from './kit/victim.ts';

const FEW = 2;

/** One of the process's calls, so that no moment is too short to be met, or one of its milliseconds. */
function disturbanceBy(chance: Chance, { calls, milliseconds }: Rehearsal): Disturbance {
  if (chance.below(3) > 0) return { fault: `kill ${1 + chance.below(calls)}` };
  return { killAfter: 40 + chance.below(milliseconds) };
}

/** What must be true right after the kill. */
async function checkAfterKill(root: string, scene: Scene, rehearsal: Rehearsal): Promise<void> {
  const objects = readWholeStore(cacheOf(root));
  expect(lostFiles(root, rehearsal, objects, scene.isCached)).toEqual([]);
  const named = [...lockedPaths(parseLockfile(lockfileOf(root)))].filter(([, { digest }]) => {
    return !objects.has(digest.slice('blake3:'.length));
  });
  expect(named).toEqual([]);
  // What is named is out of Git, unless it is about to be named no longer.
  const ignored = readTextFile(join(root, '.gitignore')) ?? '\n';
  expect(ignored.endsWith('\n')).toBe(true);
  for (const path of lockedPaths(parseLockfile(lockfileOf(root))).keys()) {
    if (!path.includes('/') && scene.again === undefined) expect(ignored).toContain(`/${path}\n`);
  }
  const { exitCode, err } = await runMlops({ cwd: root }, 'status');
  expect([exitCode, err]).toEqual([0, expect.not.stringContaining('error')]);
}

/** The next run goes on, and ends as an undisturbed one. */
async function checkNextRun(root: string, scene: Scene, { after }: Rehearsal): Promise<void> {
  scene.before?.(root);
  for (const argv of scene.again?.(lockfileOf(root)) ?? [scene.command]) await mlops(root, ...argv);
  expect(stateOf(root)).toEqual(after);
  // What was done stays done: nobody takes for his what is the user's own again.
  await mlops(root, 'checkout');
  expect(stateOf(root)).toEqual(after);
  readWholeStore(cacheOf(root));
  const check = await runMlops({ cwd: root }, 'fsck', '--json');
  expect([check.exitCode, check.json()]).toMatchObject([0, { damaged: [], missing: [] }]);
  await checkSwept(root);
}

/** What a dead process left goes once it is a day old. */
async function checkSwept(root: string): Promise<void> {
  const tmp = [join(cacheOf(root), 'v1/tmp'), join(root, '.mlops/tmp')];
  age(cacheOf(root), ['tmp'], 30);
  age(cacheOf(root), ['../../tmp', '../../leases'], 30);
  execFileSync('sh', ['-c', 'echo more > more.csv'], { cwd: root });
  expect((await runVictim(root, ['add', 'more.csv'])).exitCode).toBe(0);
  expect(tmp.flatMap((folder) => filesUnder(folder))).toEqual([]);
  // The lease of a dead process lies there until somebody wants it.
  expect(filesUnder(join(root, '.mlops/leases')).filter((name) => /-.*-.*-.*-/.test(name))).toEqual([]);
}

describe.each(SCENES)('$name, killed at any moment', (scene) => {
  test(
    'leaves whole objects, a sound lockfile and every byte, and goes on',
    async () => {
      const rehearsal = await rehearse(scene);
      await eachRound(FEW, async (chance) => {
        const root = await rehearsal.copy();
        const disturbances = Array.from({ length: 1 + chance.below(2) }, () => disturbanceBy(chance, rehearsal));
        for (const disturbance of disturbances) {
          const argv = scene.again?.(lockfileOf(root))[0] ?? scene.command;
          await runVictim(root, argv, disturbance);
          await checkAfterKill(root, scene, rehearsal);
        }
        await checkNextRun(root, scene, rehearsal);
      });
    },
    timeFor(FEW, 4),
  );
});
