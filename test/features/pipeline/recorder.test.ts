import { expect, test } from 'vitest';
import { EMPTY_LOCKFILE, type LockedStage, type Lockfile } from '../../../src/core/lockfile.ts';
import { MlopsError } from '../../../src/core/errors.ts';
import { buildGraph } from '../../../src/features/pipeline/definition/graph.ts';
import { createRecorder } from '../../../src/features/pipeline/run/recorder.ts';
import { step } from '../../support/pipelines.ts';

const locked: LockedStage = {
  cmd: ['x'],
  shell: null,
  wdir: '.',
  params: {},
  env: {},
  settings: null,
  deps: {},
  outputs: {},
};

/** A lockfile in memory, and how often it was written. */
function createPlace() {
  const disk: { lockfile: Lockfile; writes: string[][]; error: MlopsError | null } = {
    lockfile: { ...EMPTY_LOCKFILE, stages: { gone: locked } },
    writes: [],
    error: null,
  };
  const place = {
    project: {
      readLockfile: () => disk.lockfile,
      async updateLockfile(change: (current: Lockfile) => Lockfile) {
        if (disk.error !== null) throw disk.error;
        disk.lockfile = change(disk.lockfile);
        disk.writes.push(Object.keys(disk.lockfile.stages));
        return disk.lockfile;
      },
    },
    graph: buildGraph({ stages: ['a', 'b', 'c', 'd'].map((name) => step(name, [], [name])) }),
    changedFiles: new Set<string>(),
    lockfile: disk.lockfile,
  };
  return { disk, place, recorder: createRecorder(() => place) };
}

test('the first stage is written at once, those that end soon after it together; entries of stages that are gone go', async () => {
  const { disk, place, recorder } = createPlace();
  const put = (name: string) => {
    recorder.announce(name, locked);
    return recorder.write(name);
  };
  expect(recorder.mayWait(performance.now())).toBe(false);
  await put('a');
  expect(recorder.mayWait(performance.now())).toBe(true);
  await Promise.all([put('b'), put('c')]);
  expect(disk.writes).toEqual([['a'], ['a', 'b', 'c']]);
  expect([...place.changedFiles]).toEqual(['.mlops.lock.yaml']);
});

test('a stage that took long never waits to be written', async () => {
  const { recorder } = createPlace();
  recorder.announce('a', locked);
  await recorder.write('a');
  expect(recorder.mayWait(performance.now() - 1_000)).toBe(false);
});

test('what is announced is seen before it is written, and not when it is withdrawn', async () => {
  const { disk, place, recorder } = createPlace();
  recorder.announce('a', locked);
  recorder.announce('b', locked);
  expect(Object.keys(place.lockfile.stages)).toEqual(['gone', 'a', 'b']);
  await recorder.write('a');
  expect(Object.keys(disk.lockfile.stages)).toEqual(['a']);
  expect(Object.keys(place.lockfile.stages)).toEqual(['a', 'b']);
  recorder.refresh();
  expect(Object.keys(place.lockfile.stages)).toEqual(['a', 'b']);
  recorder.withdraw('b');
  expect(Object.keys(place.lockfile.stages)).toEqual(['a']);
});

test('a lockfile that cannot be written fails the stages that wait for it, and only those', async () => {
  const { disk, recorder } = createPlace();
  disk.error = new MlopsError('no-space', 'Full.');
  recorder.announce('a', locked);
  await expect(recorder.write('a')).rejects.toThrow('Full.');
  recorder.withdraw('a');
  disk.error = null;
  recorder.announce('b', locked);
  await recorder.write('b');
  expect(Object.keys(disk.lockfile.stages)).toEqual(['b']);
});
