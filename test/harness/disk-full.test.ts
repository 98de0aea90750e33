import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseLockfile } from '../../src/stores/documents/lockfile.ts';
import { createFolder } from '../support/sandbox.ts';
import { filesUnder, readWholeStore } from './kit/look.ts';
import { cacheOf, lockfileOf, lostFiles, type Rehearsal, rehearse, stateOf } from './kit/rehearse.ts';
import { eachRound, timeFor } from './kit/rounds.ts';
import { mlops, MORE_SCENES, type Scene, SCENES } from './kit/scenes.ts';
import { type Disturbance, type Ended, runVictim } from './kit/victim.ts';

const ALL = [...SCENES, ...MORE_SCENES];

/** Runs the command where there is no room, which it may do without; returns whether it could. */
async function runWithoutRoom(root: string, scene: Scene, rehearsal: Rehearsal, disturbance: Disturbance) {
  const ended = await runVictim(root, [...scene.command, '--json'], disturbance);
  checkTold(scene, ended);
  const objects = readWholeStore(cacheOf(root));
  expect(lostFiles(root, rehearsal, objects, scene.isCached)).toEqual([]);
  parseLockfile(lockfileOf(root));
  const left = ['.mlops/tmp', '.mlops/cache/v1/tmp'].flatMap((folder) => filesUnder(join(root, folder)));
  expect(left).toEqual([]);
  return ended.exitCode === 0;
}

/** A failure is told as what it is, with the code that the contract gives it. */
function checkTold({ name }: Scene, { exitCode, out, err }: Ended): void {
  if (exitCode === 0) return;
  const last = err.trim().split('\n').at(-1) ?? '';
  expect([exitCode, last]).toEqual([exitCode, expect.stringMatching(/^\{.*\}$/)]);
  const { type, kind, message } = JSON.parse(last) as { type: string; kind: string; message: string };
  // Of a full remote the contract says 5, and 4 when some of it arrived.
  if (name === 'push') {
    expect([message, out]).toContainEqual(expect.stringMatching(/is no space left|could not be moved/));
    return expect([4, 5]).toContain(exitCode);
  }
  // Git has words of its own for it.
  if (kind === 'failed')
    return expect([exitCode, message]).toEqual([1, expect.stringMatching(/^Git could not .*disk ?space/i)]);
  expect([exitCode, type, kind, message]).toEqual([1, 'error', 'no-space', expect.stringMatching(/the disk is full/i)]);
}

async function checkWithRoom(root: string, scene: Scene, { after }: Rehearsal, isDone: boolean): Promise<void> {
  const rest = scene.again?.(lockfileOf(root)) ?? [scene.command];
  for (const argv of isDone ? [] : rest) await mlops(root, ...argv);
  expect(stateOf(root)).toEqual(after);
  readWholeStore(cacheOf(root));
}

describe.each(ALL)('$name, from some call on without room', (scene) => {
  test(
    'says so, loses nothing, and succeeds when there is room',
    async () => {
      const rehearsal = await rehearse(scene);
      await eachRound(1, async (chance) => {
        const root = await rehearsal.copy();
        const isDone = await runWithoutRoom(root, scene, rehearsal, {
          fault: `ENOSPC ${1 + chance.below(rehearsal.calls)}`,
        });
        await checkWithRoom(root, scene, rehearsal, isDone);
      });
    },
    timeFor(1, 4),
  );
});

const MIB = 1024 * 1024;

/** Why no small disk can be had here; null when one can. */
function mountProblem(): string | null {
  if (process.platform !== 'linux') return 'tmpfs is of Linux';
  const mount = ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'];
  const tried = spawnSync('unshare', mount, { encoding: 'utf8' });
  return tried.status === 0 ? null : `a small file system cannot be mounted: ${tried.stderr?.trim() ?? 'no mount'}`;
}

const problem = mountProblem();

/** A disk of so many bytes. */
async function smallDisk(bytes: number): Promise<string> {
  const folder = await createFolder();
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
  return folder;
}

/** Fills a disk until so many bytes are free. */
function fill(folder: string, free: number): string {
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - free), 1));
  return ballast;
}

describe.skipIf(problem !== null)(`on a small disk${problem === null ? '' : ` (skipped: ${problem})`}`, () => {
  // A stage's own shell fails as it likes on a full disk.
  test.each(ALL.filter(({ name }) => name !== 'repro'))(
    '$name says so, loses nothing, and succeeds when there is room',
    async (scene) => {
      const rehearsal = await rehearse(scene);
      const disk = await smallDisk(16 * MIB);
      await eachRound(1, async (chance) => {
        const root = await rehearsal.copy(disk);
        const ballast = fill(disk, chance.pick([0, 4096, 16_384, 65_536, 262_144, 600_000, MIB]));
        const isDone = await runWithoutRoom(root, scene, rehearsal, null);
        rmSync(ballast);
        await checkWithRoom(root, scene, rehearsal, isDone);
        rmSync(root, { recursive: true });
      });
    },
    timeFor(1, 4),
  );

  test.each([
    [['add', 'large.bin'], 3 * MIB],
    [['checkout', 'data.bin'], 2 * MIB],
  ] as const)('%j says how many bytes are needed, and leaves nothing behind', async (argv, bytes) => {
    const disk = await smallDisk(16 * MIB);
    const root = join(disk, 'project');
    spawnSync('mkdir', [root]);
    await mlops(root, 'init', '--no-git');
    writeFileSync(join(root, 'data.bin'), Buffer.alloc(2 * MIB, 1));
    await mlops(root, 'add', 'data.bin');
    rmSync(join(root, 'data.bin'));
    writeFileSync(join(root, 'large.bin'), Buffer.alloc(3 * MIB, 7));
    const ballast = fill(disk, MIB);
    const { exitCode, err } = await runVictim(root, argv);
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching(new RegExp(`the disk is full\\. ${bytes} bytes are needed`)),
    ]);
    expect(existsSync(join(root, 'data.bin'))).toBe(false);
    expect(filesUnder(join(root, '.mlops/cache/v1/tmp'))).toEqual([]);
    rmSync(ballast);
    await mlops(root, ...argv);
  });
});
