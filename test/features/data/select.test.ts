import { describe, expect, test } from 'vitest';
import { type LockedPath, type Lockfile } from '../../../src/core/lockfile.ts';
import type { Pipeline } from '../../../src/core/pipeline.ts';
import { coverOf } from '../../../src/features/data/add/cover.ts';
import { selectPaths } from '../../../src/features/data/select.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { stageOf } from '../../support/pipelines.ts';

const tree: LockedPath = { kind: 'tree', digest: digestOf('t'), size: 1, files: 1 };
const file: LockedPath = { kind: 'file', digest: digestOf('f'), size: 1, executable: false };
const stage = (...paths: string[]) => ({
  cmd: ['make'],
  shell: null,
  wdir: '.',
  deps: {},
  params: {},
  env: {},
  settings: null,
  outputs: Object.fromEntries(
    paths.map((path) => [path, { ...file, role: 'outs', cache: true, persist: false } as const]),
  ),
});
const lockfile: Lockfile = {
  data: { 'data/images': tree, 'data/raw.csv': file, 'other.csv': file },
  stages: { prepare: stage('out/clean.csv'), 'score@a': stage('out/a.csv'), 'score@b': stage('out/b.csv') },
};
const pipeline: Pipeline = {
  stages: ['prepare', 'score@a', 'score@b', 'never-run'].map((name) => stageOf(name)),
  data: {},
  metrics: [],
  params: [],
  plots: [],
  gates: [],
};

function select(targets: readonly string[], cwd = '/project'): Record<string, readonly string[] | 'all'> {
  const selected = selectPaths(lockfile, pipeline, targets, { root: '/project', cwd });
  return Object.fromEntries([...selected].map(([path, { inside }]) => [path, inside ?? 'all']));
}

test('a name that reads like a pattern is a name first, and with --glob a pattern', () => {
  const odd = { ...lockfile, data: { '*.csv': file, 'raw.csv': file } };
  expect([...selectPaths(odd, pipeline, ['*.csv']).keys()]).toEqual(['*.csv']);
  const patterns = selectPaths(odd, pipeline, ['*.csv'], { root: '/', cwd: '/' }, true);
  expect([...patterns.keys()]).toEqual(['*.csv', 'raw.csv']);
  expect(() => selectPaths(odd, pipeline, ['*.tsv'], { root: '/', cwd: '/' }, true)).toThrow('*.tsv');
});

describe('targets', () => {
  test.each<[targets: string[], expected: Record<string, readonly string[] | 'all'>]>([
    [['data/raw.csv'], { 'data/raw.csv': 'all' }],
    [['data'], { 'data/images': 'all', 'data/raw.csv': 'all' }],
    [['./data/'], { 'data/images': 'all', 'data/raw.csv': 'all' }],
    [['data/images/cats'], { 'data/images': ['cats'] }],
    [['data/images/cats', 'data/images/dogs/1.png'], { 'data/images': ['cats', 'dogs/1.png'] }],
    [['data/images/cats', 'data/images'], { 'data/images': 'all' }],
    [['data/*.csv'], { 'data/raw.csv': 'all' }],
    [
      ['**/*.csv', 'prepare'],
      { 'data/raw.csv': 'all', 'other.csv': 'all', 'out/clean.csv': 'all', 'out/a.csv': 'all', 'out/b.csv': 'all' },
    ],
    [['data/images/**/1.png'], { 'data/images': ['**/1.png'] }],
    [['prepare'], { 'out/clean.csv': 'all' }],
    [['score'], { 'out/a.csv': 'all', 'out/b.csv': 'all' }],
    [['score@b'], { 'out/b.csv': 'all' }],
    [['never-run'], {}],
  ])('%j', (targets, expected) => {
    expect(select(targets)).toEqual(expected);
  });

  test('none mean everything', () => {
    expect(Object.keys(select([]))).toHaveLength(6);
  });

  test('start from the current folder', () => {
    expect(select(['raw.csv'], '/project/data')).toEqual({ 'data/raw.csv': 'all' });
    expect(select(['.'], '/project/data')).toEqual({ 'data/images': 'all', 'data/raw.csv': 'all' });
    expect(select(['../other.csv'], '/project/data')).toEqual({ 'other.csv': 'all' });
  });

  test.each([
    ['data/rwa.csv', 'No tracked path and no stage is called data/rwa.csv; did you mean "data/raw.csv"?'],
    ['prepar', 'No tracked path and no stage is called prepar; did you mean "prepare"?'],
    ['nothing/like/it', 'No tracked path and no stage is called nothing/like/it.'],
    ['data/raw.csv/x', 'No tracked path and no stage is called data/raw.csv/x; did you mean "data/raw.csv"?'],
    ['../x', '../x is outside the project in /project.'],
  ])('that name nothing are mistakes: %s', (target, message) => {
    expect(() => select([target])).toThrow(expect.objectContaining({ kind: 'usage', message }));
  });
});

test('a path inside a folder is covered wholly, partly or not at all', () => {
  expect(coverOf('cats', null)).toBe('all');
  expect(coverOf('cats/1.png', ['cats'])).toBe('all');
  expect(coverOf('cats', ['cats/1.png'])).toBe('part');
  expect(coverOf('cat', ['cats'])).toBe('none');
  expect(coverOf('dogs', ['*/1.png'])).toBe('part');
  expect(coverOf('dogs/1.png', ['*/1.png'])).toBe('all');
  expect(coverOf('dogs/2.png', ['*/1.png'])).toBe('none');
  expect(coverOf('a/b/c', ['**/x'])).toBe('part');
  expect(coverOf('a/b/x', ['**/x'])).toBe('all');
});
