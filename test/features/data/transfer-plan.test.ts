import { describe, expect, test } from 'vitest';
import { type Digest, digestFromHex } from '../../../src/core/digest.ts';
import type { LockedPath } from '../../../src/core/lockfile.ts';
import type { Pipeline } from '../../../src/core/pipeline.ts';
import type { Output } from '../../../src/core/stage.ts';
import { parentOf, planTransfer, pushSteps, routePaths } from '../../../src/features/data/transfer/plan.ts';

const digest = (letter: string): Digest => digestFromHex(letter.repeat(64));
const wanted = (letter: string, path: string, size = 10, isTree = false) => ({
  digest: digest(letter),
  size,
  path,
  isTree,
});

describe('a plan', () => {
  test('has what is not there, and only that', () => {
    const plan = planTransfer([wanted('a', 'a.csv'), wanted('b', 'b.csv')], (found) => found === digest('a'));
    expect(plan).toEqual([{ digest: digest('b'), size: 10, paths: ['b.csv'], isTree: false }]);
  });

  test('moves equal content once, and knows every path that needs it', () => {
    const plan = planTransfer([wanted('a', 'train.csv'), wanted('a', 'copy of train.csv')], () => false);
    expect(plan.map(({ paths }) => paths)).toEqual([['train.csv', 'copy of train.csv']]);
  });

  test('of nothing is nothing', () => {
    expect(planTransfer([], () => false)).toEqual([]);
    expect(pushSteps([], new Set())).toEqual([]);
  });

  test('sends data first, the largest before the others, then trees, and last the trees that the lockfile names', () => {
    const objects = [
      wanted('1', 'images/cats/1.png', 5),
      wanted('2', 'images/cats/2.png', 50),
      wanted('3', 'images/cats', 100, true),
      wanted('4', 'images', 100, true),
      wanted('5', 'clean.csv', 20),
    ];
    const steps = pushSteps(
      planTransfer(objects, () => false),
      new Set([digest('4'), digest('5')]),
    );
    expect(steps.map((step) => step.map(({ paths }) => paths[0]))).toEqual([
      ['images/cats/2.png', 'clean.csv', 'images/cats/1.png'],
      ['images/cats'],
      ['images'],
    ]);
  });
});

describe('a path goes', () => {
  const file: LockedPath = { kind: 'file', digest: digest('a'), size: 1, executable: false };
  const note = { desc: null, remote: null, push: true, type: null, labels: [], meta: {} };
  const output: Output = {
    path: 'out.csv',
    role: 'outs',
    cache: true,
    persist: false,
    push: true,
    remote: null,
    plot: null,
  };
  const routed = (paths: readonly string[], data: Pipeline['data'], outputs: readonly Output[] = []) =>
    [...routePaths(new Map(paths.map((path) => [path, file])), pipelineOf(data, outputs))].map(
      ([remote, routedPaths]) => [remote, [...routedPaths.keys()]],
    );

  test('to the default remote when nothing was said of it', () => {
    expect(routed(['a.csv', 'b.csv'], {})).toEqual([[null, ['a.csv', 'b.csv']]]);
  });

  test('to the remote that its note or its output names', () => {
    expect(
      routed(['raw', 'out.csv', 'b.csv'], { raw: { ...note, remote: 'archive' } }, [{ ...output, remote: 'fast' }]),
    ).toEqual([
      ['archive', ['raw']],
      ['fast', ['out.csv']],
      [null, ['b.csv']],
    ]);
  });

  test('where the folder around it goes', () => {
    expect(routed(['raw/cats/1.png'], { raw: { ...note, remote: 'archive' } })).toEqual([
      ['archive', ['raw/cats/1.png']],
    ]);
  });

  test('nowhere when it is not to be pushed, or is kept in Git', () => {
    expect(routed(['raw'], { raw: { ...note, push: false } })).toEqual([]);
    expect(routed(['out.csv'], {}, [{ ...output, push: false }])).toEqual([]);
    expect(routed(['out.csv'], {}, [{ ...output, role: 'metrics', cache: false }])).toEqual([]);
  });
});

test('above a path are its folders, and above those nothing', () => {
  expect(['a/b/c', 'a/b', 'a'].map(parentOf)).toEqual(['a/b', 'a', '']);
});

function pipelineOf(data: Pipeline['data'], outputs: readonly Output[]): Pipeline {
  const stages = [{ outputs } as Pipeline['stages'][number]];
  return { stages, data, metrics: [], params: [], plots: [], gates: [] };
}
